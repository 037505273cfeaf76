# anvil: connection and rate counters
daemon_PROGRAMS += anvil/anvil
anvil_anvil_SOURCES = anvil/main.c anvil/counters.c anvil/counters.h anvil/params.def
anvil_anvil_LDADD = $(DAEMON_LIBS)
EXTRA_DIST += anvil/README.md

if HAVE_CMOCKA
anvil_tests = tests/unit/anvil/test_counters
check_PROGRAMS += $(anvil_tests)
TESTS += $(anvil_tests)
endif
tests_unit_anvil_test_counters_SOURCES = tests/unit/anvil/test_counters.c tests/unit/unit.h \
	anvil/counters.c anvil/counters.h
tests_unit_anvil_test_counters_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
