# resolver: DNS for all programs
daemon_PROGRAMS += resolver/resolver
resolver_resolver_SOURCES = resolver/main.c resolver/answer.c resolver/answer.h resolver/hosts.c \
	resolver/hosts.h resolver/question.c resolver/question.h resolver/params.def
resolver_resolver_LDADD = $(DAEMON_LIBS) $(UNBOUND_LIBS)
EXTRA_DIST += resolver/README.md

if HAVE_CMOCKA
resolver_tests = tests/unit/resolver/test_answer
check_PROGRAMS += $(resolver_tests)
TESTS += $(resolver_tests)
endif
resolver_pure = resolver/answer.c resolver/answer.h resolver/hosts.c resolver/hosts.h
tests_unit_resolver_test_answer_SOURCES = tests/unit/resolver/test_answer.c \
	tests/unit/unit.h $(resolver_pure)
tests_unit_resolver_test_answer_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
fuzz_targets += tests/fuzz/fuzz_dns_answer
tests_fuzz_fuzz_dns_answer_SOURCES = tests/fuzz/fuzz_dns_answer.c $(resolver_pure) $(FUZZ_MAIN)
tests_fuzz_fuzz_dns_answer_LDADD = $(BASE_LIB) $(FUZZ_LIBS)
