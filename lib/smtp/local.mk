# lib/smtp: layer 3, syntax and state of SMTP
noinst_LIBRARIES += lib/smtp/libsmtp.a
lib_smtp_libsmtp_a_SOURCES = \
	lib/smtp/cmdline.c lib/smtp/cmdline.h lib/smtp/eol.c lib/smtp/eol.h \
	lib/smtp/intake.c lib/smtp/intake.h \
	lib/smtp/param.c lib/smtp/param.h lib/smtp/path.c lib/smtp/path.h \
	lib/smtp/reply.c lib/smtp/reply.h lib/smtp/server.c lib/smtp/server.h \
	lib/smtp/server_auth.c lib/smtp/server_cmd.c lib/smtp/server_data.c \
	lib/smtp/server_int.h lib/smtp/xtext.c lib/smtp/xtext.h
SMTP_LIB = lib/smtp/libsmtp.a
SMTP_LIBS = $(SMTP_LIB) $(MAIL_LIB) $(BASE_LIB)

if HAVE_CMOCKA
smtp_tests = tests/unit/smtp/test_syntax tests/unit/smtp/test_eol tests/unit/smtp/test_server \
	tests/unit/smtp/test_intake
check_PROGRAMS += $(smtp_tests)
TESTS += $(smtp_tests)
endif
tests_unit_smtp_test_syntax_SOURCES = tests/unit/smtp/test_syntax.c tests/unit/unit.h
tests_unit_smtp_test_syntax_LDADD = $(SMTP_LIBS) $(CMOCKA_LIBS)
tests_unit_smtp_test_eol_SOURCES = tests/unit/smtp/test_eol.c tests/unit/unit.h
tests_unit_smtp_test_eol_LDADD = $(SMTP_LIBS) $(CMOCKA_LIBS)
tests_unit_smtp_test_server_SOURCES = tests/unit/smtp/test_server.c tests/unit/unit.h
tests_unit_smtp_test_server_LDADD = $(SMTP_LIBS) $(CMOCKA_LIBS)

tests_unit_smtp_test_intake_SOURCES = tests/unit/smtp/test_intake.c tests/unit/unit.h
tests_unit_smtp_test_intake_LDADD = $(SMTP_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/transcripts/test_smtp
TESTS += tests/transcripts/test_smtp
tests_transcripts_test_smtp_SOURCES = tests/transcripts/test_smtp.c
tests_transcripts_test_smtp_LDADD = $(TRANSCRIPT_LIB) $(SMTP_LIBS)

fuzz_targets += tests/fuzz/fuzz_smtp_server tests/fuzz/fuzz_smtp_content tests/fuzz/fuzz_smtp_path \
	tests/fuzz/fuzz_smtp_intake
tests_fuzz_fuzz_smtp_intake_SOURCES = tests/fuzz/fuzz_smtp_intake.c $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_intake_LDADD = $(SMTP_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_smtp_server_SOURCES = tests/fuzz/fuzz_smtp_server.c $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_server_LDADD = $(SMTP_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_smtp_content_SOURCES = tests/fuzz/fuzz_smtp_content.c $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_content_LDADD = $(SMTP_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_smtp_path_SOURCES = tests/fuzz/fuzz_smtp_path.c $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_path_LDADD = $(SMTP_LIBS) $(FUZZ_LIBS)
EXTRA_DIST += lib/smtp/README.md
