# tests: what is shared by all tests; unit tests stand in the fragment of what they test
if FUZZING
FUZZ_REPLAY =
else
FUZZ_REPLAY = tests/fuzz/replay.c
endif
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
EXTRA_DIST += tests/README.md tests/fuzz/corpus
# processes killed in the middle: minutes long, so ./check runs them, not make check
EXTRA_DIST += tests/crash/crashlib.py tests/crash/crashpoint.c tests/crash/t-kill9 \
	tests/crash/t-points
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir;

# the runner of protocol dialogues (tests/transcripts/PROTO/*.t); a protocol's test links it
check_LIBRARIES += tests/lib/libtranscript.a
tests_lib_libtranscript_a_SOURCES = tests/lib/transcript.c tests/lib/transcript.h
TRANSCRIPT_LIB = tests/lib/libtranscript.a
# not tests/transcripts itself: make dist would pack the objects the build has put there
EXTRA_DIST += tests/transcripts/imap tests/transcripts/imap-login tests/transcripts/pop3 \
	tests/transcripts/smtp tests/transcripts/smtpd
if HAVE_CMOCKA
check_PROGRAMS += tests/lib/test_transcript
TESTS += tests/lib/test_transcript
endif
tests_lib_test_transcript_SOURCES = tests/lib/test_transcript.c tests/unit/unit.h
tests_lib_test_transcript_LDADD = $(TRANSCRIPT_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
# one a line: many add theirs
EXTRA_DIST += \
	tests/system/check_load.py \
	tests/system/dovecot_and_back.py \
	tests/system/hostile.py \
	tests/system/hostile_mail.py \
	tests/system/lib.sh \
	tests/system/no_landlock.py \
	tests/system/python_clients.py \
	tests/system/reload.py \
	tests/system/sleep.py \
	tests/system/starttls.py \
	tests/system/t-bad-config \
	tests/system/t-clients \
	tests/system/t-confined \
	tests/system/t-debian-config \
	tests/system/t-delivery \
	tests/system/t-dovecot \
	tests/system/t-full-disk tests/system/t-large \
	tests/system/t-hostile \
	tests/system/t-hostile-mail \
	tests/system/t-load \
	tests/system/t-pam \
	tests/system/t-parameters \
	tests/system/t-queue \
	tests/system/t-quickstart \
	tests/system/t-reload \
	tests/system/t-sendmail \
	tests/system/t-sleep \
	tests/system/t-starttls \
	tests/system/t-users
