# pop3d: the session as an archive, so that tests run it without the daemon around it
noinst_LIBRARIES += pop3d/libpop3d.a
pop3d_libpop3d_a_SOURCES = pop3d/session.c pop3d/session.h
daemon_PROGRAMS += pop3d/pop3d
pop3d_pop3d_SOURCES = pop3d/main.c pop3d/params.def
pop3d_pop3d_LDADD = pop3d/libpop3d.a $(POP3_LIB) $(STORE_LIB) $(DAEMON_LIBS)
EXTRA_DIST += pop3d/README.md

fuzz_targets += tests/fuzz/fuzz_pop3_session
tests_fuzz_fuzz_pop3_session_SOURCES = tests/fuzz/fuzz_pop3_session.c tests/fuzz/fuzz_mailbox.h \
	$(FUZZ_MAIN)
tests_fuzz_fuzz_pop3_session_LDADD = pop3d/libpop3d.a $(POP3_LIB) $(STORE_LIB) $(SYS_LIB) \
	$(BASE_LIB) $(FUZZ_LIBS)

if HAVE_CMOCKA
pop3d_tests = tests/unit/pop3d/test_session
check_PROGRAMS += $(pop3d_tests)
TESTS += $(pop3d_tests)
endif
tests_unit_pop3d_test_session_SOURCES = tests/unit/pop3d/test_session.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_pop3d_test_session_LDADD = pop3d/libpop3d.a $(POP3_LIB) $(STORE_LIB) $(SYS_LIB) \
	$(BASE_LIB) $(CMOCKA_LIBS)
