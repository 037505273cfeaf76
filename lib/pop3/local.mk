# lib/pop3: the POP3 engines, pure
noinst_LIBRARIES += lib/pop3/libpop3.a
lib_pop3_libpop3_a_SOURCES = \
	lib/pop3/cmdline.c lib/pop3/cmdline.h lib/pop3/prelogin.c lib/pop3/prelogin.h \
	lib/pop3/session.c lib/pop3/session.h lib/pop3/stuff.c lib/pop3/stuff.h \
	lib/pop3/uidl.c lib/pop3/uidl.h
POP3_LIB = lib/pop3/libpop3.a
EXTRA_DIST += lib/pop3/README.md

if HAVE_CMOCKA
pop3_tests = tests/unit/pop3/test_stuff tests/unit/pop3/test_engines tests/unit/pop3/test_uidl
check_PROGRAMS += $(pop3_tests)
TESTS += $(pop3_tests)
endif
tests_unit_pop3_test_stuff_SOURCES = tests/unit/pop3/test_stuff.c tests/unit/unit.h
tests_unit_pop3_test_stuff_LDADD = $(POP3_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_pop3_test_engines_SOURCES = tests/unit/pop3/test_engines.c tests/unit/unit.h
tests_unit_pop3_test_engines_LDADD = $(POP3_LIB) $(BASE_LIB) $(CMOCKA_LIBS)

tests_unit_pop3_test_uidl_SOURCES = tests/unit/pop3/test_uidl.c tests/unit/unit.h
tests_unit_pop3_test_uidl_LDADD = $(POP3_LIB) $(BASE_LIB) $(CMOCKA_LIBS)

# whole dialogues: both engines behind each other, a password that is always "pw"
check_PROGRAMS += tests/unit/pop3/test_transcripts
TESTS += tests/unit/pop3/test_transcripts
tests_unit_pop3_test_transcripts_SOURCES = tests/unit/pop3/test_transcripts.c
tests_unit_pop3_test_transcripts_LDADD = $(TRANSCRIPT_LIB) $(POP3_LIB) $(BASE_LIB)

fuzz_targets += tests/fuzz/fuzz_pop3
tests_fuzz_fuzz_pop3_SOURCES = tests/fuzz/fuzz_pop3.c $(FUZZ_MAIN)
tests_fuzz_fuzz_pop3_LDADD = $(POP3_LIB) $(BASE_LIB) $(FUZZ_LIBS)
