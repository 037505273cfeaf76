# bounce: reports to senders
noinst_LIBRARIES += bounce/libbounce.a
bounce_libbounce_a_SOURCES = bounce/bounce.h bounce/compose.c bounce/compose.h bounce/request.c \
	bounce/send.c bounce/template.c bounce/template.h
BOUNCE_LIBS = bounce/libbounce.a $(QUEUE_LIB) $(MAIL_LIB) $(DAEMON_LIBS) $(UNISTRING_LIBS)
daemon_PROGRAMS += bounce/bounce
bounce_bounce_SOURCES = bounce/main.c bounce/params.def
bounce_bounce_LDADD = $(BOUNCE_LIBS)
EXTRA_DIST += bounce/README.md

fuzz_targets += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c $(FUZZ_MAIN)
tests_fuzz_fuzz_template_LDADD = $(BOUNCE_LIBS) $(FUZZ_LIBS)

if HAVE_CMOCKA
bounce_tests = tests/unit/bounce/test_bounce
check_PROGRAMS += $(bounce_tests)
TESTS += $(bounce_tests)
endif
tests_unit_bounce_test_bounce_SOURCES = tests/unit/bounce/test_bounce.c tests/unit/unit.h
tests_unit_bounce_test_bounce_LDADD = $(BOUNCE_LIBS) $(CMOCKA_LIBS)
