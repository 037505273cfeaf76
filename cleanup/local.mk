# cleanup: accepts messages into the queue
noinst_LIBRARIES += cleanup/libcleanup.a
cleanup_libcleanup_a_SOURCES = cleanup/expand.c cleanup/expand.h cleanup/intake.c \
	cleanup/leftovers.c cleanup/leftovers.h cleanup/pool.c cleanup/pool.h cleanup/server.c \
	cleanup/server.h cleanup/txn.c
CLEANUP_LIBS = cleanup/libcleanup.a $(QUEUE_LIB) $(ADDRESS_LIB) $(MAIL_LIB) $(DAEMON_LIBS) \
	$(UNISTRING_LIBS)
daemon_PROGRAMS += cleanup/cleanup
cleanup_cleanup_SOURCES = cleanup/main.c cleanup/params.def
cleanup_cleanup_LDADD = $(CLEANUP_LIBS)
EXTRA_DIST += cleanup/README.md

if HAVE_CMOCKA
cleanup_tests = tests/unit/cleanup/test_cleanup
check_PROGRAMS += $(cleanup_tests)
TESTS += $(cleanup_tests)
endif
tests_unit_cleanup_test_cleanup_SOURCES = tests/unit/cleanup/test_cleanup.c tests/unit/unit.h
tests_unit_cleanup_test_cleanup_LDADD = $(CLEANUP_LIBS) $(CMOCKA_LIBS)
