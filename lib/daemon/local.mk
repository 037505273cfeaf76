# lib/daemon: layer 4, the skeletons
noinst_LIBRARIES += lib/daemon/libdaemon.a
lib_daemon_libdaemon_a_SOURCES = lib/daemon/access.c lib/daemon/access.h lib/daemon/access_location.c lib/daemon/broker.c lib/daemon/broker.h lib/daemon/control.c \
	lib/daemon/daemon.c lib/daemon/daemon.h lib/daemon/daemon_impl.h lib/daemon/inlet.c \
	lib/daemon/options.c lib/daemon/peer.c lib/daemon/peer.h lib/daemon/plan.c \
	lib/daemon/plan.h lib/daemon/plan_inet.c lib/daemon/plan_inet.h lib/daemon/programs.def \
	lib/daemon/questions.c lib/daemon/questions.h lib/daemon/setup.c lib/daemon/sleep.c lib/daemon/sleep.h lib/daemon/stress.c lib/daemon/tables.c lib/daemon/tables.h lib/daemon/users.c \
	lib/daemon/users.h
DAEMON_LIB = lib/daemon/libdaemon.a
# What every daemon links, in order.
DAEMON_LIBS = $(DAEMON_LIB) $(TABLE_LIB) $(IPC_LIB) $(CONF_LIB) $(EVENT_LIB) $(SYS_LIB) $(BASE_LIB) \
	$(EVENT_LIBS) $(SECCOMP_LIBS) $(TABLE_LIBS)
EXTRA_DIST += lib/daemon/README.md

if HAVE_CMOCKA
daemon_tests = tests/unit/daemon/test_access tests/unit/daemon/test_daemon \
	tests/unit/daemon/test_plan tests/unit/daemon/test_users
check_PROGRAMS += $(daemon_tests)
TESTS += $(daemon_tests)
endif
tests_unit_daemon_test_daemon_SOURCES = tests/unit/daemon/test_daemon.c \
	tests/unit/daemon/fake_master.c tests/unit/daemon/fake_master.h tests/unit/unit.h
tests_unit_daemon_test_daemon_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
tests_unit_daemon_test_plan_SOURCES = tests/unit/daemon/test_plan.c tests/unit/unit.h
tests_unit_daemon_test_plan_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
tests_unit_daemon_test_access_SOURCES = tests/unit/daemon/test_access.c \
	tests/unit/daemon/fake_master.c tests/unit/daemon/fake_master.h tests/unit/unit.h
tests_unit_daemon_test_access_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
tests_unit_daemon_test_users_SOURCES = tests/unit/daemon/test_users.c tests/unit/unit.h
tests_unit_daemon_test_users_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
