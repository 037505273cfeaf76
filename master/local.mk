# master: the supervisor
daemon_PROGRAMS += master/master
master_master_SOURCES = master/config.c master/environment.c master/environment.h master/listen.c \
	master/logfd.c master/main.c master/master.h master/params.def master/process.c \
	master/reload.c master/requests.c master/status.c master/tickets.c master/unit.c
master_master_LDADD = $(DAEMON_LIBS)
EXTRA_DIST += master/README.md

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/master/test_master tests/unit/master/dummy
TESTS += tests/unit/master/test_master
endif
tests_unit_master_dummy_SOURCES = tests/unit/master/dummy.c
tests_unit_master_dummy_LDADD = $(DAEMON_LIBS)
tests_unit_master_test_master_SOURCES = tests/unit/master/test_master.c tests/unit/unit.h
tests_unit_master_test_master_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
