# postlogd: the log file
daemon_PROGRAMS += postlogd/postlogd
postlogd_postlogd_SOURCES = postlogd/line.c postlogd/line.h postlogd/main.c postlogd/order.c \
	postlogd/order.h postlogd/params.def
postlogd_postlogd_LDADD = $(DAEMON_LIBS)
EXTRA_DIST += postlogd/README.md

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/postlogd/test_line tests/unit/postlogd/test_order
TESTS += tests/unit/postlogd/test_line tests/unit/postlogd/test_order
endif
tests_unit_postlogd_test_line_SOURCES = tests/unit/postlogd/test_line.c postlogd/line.c \
	postlogd/line.h tests/unit/unit.h
tests_unit_postlogd_test_line_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_postlogd_test_order_SOURCES = tests/unit/postlogd/test_order.c postlogd/order.c \
	postlogd/order.h tests/unit/unit.h
tests_unit_postlogd_test_order_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)

fuzz_targets += tests/fuzz/fuzz_logline
tests_fuzz_fuzz_logline_SOURCES = tests/fuzz/fuzz_logline.c postlogd/line.c postlogd/line.h $(FUZZ_MAIN)
tests_fuzz_fuzz_logline_LDADD = $(SYS_LIB) $(BASE_LIB) $(FUZZ_LIBS)
