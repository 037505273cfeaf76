# qmgr: the queue manager
noinst_LIBRARIES += qmgr/libqmgr.a
qmgr_libqmgr_a_SOURCES = qmgr/agent.c qmgr/control.c qmgr/intake.c qmgr/intake.h qmgr/limits.c \
	qmgr/limits.h qmgr/message.c qmgr/message.h qmgr/outcome.c qmgr/outcome.h qmgr/park.c \
	qmgr/park.h qmgr/policy.c qmgr/policy.h qmgr/qmgr.c qmgr/qmgr.h qmgr/report.c \
	qmgr/report.h qmgr/round.c qmgr/sched.c qmgr/sched.h
QMGR_LIBS = qmgr/libqmgr.a $(QUEUE_LIB) $(ADDRESS_LIB) $(MAIL_LIB) $(DAEMON_LIBS) $(UNISTRING_LIBS)
daemon_PROGRAMS += qmgr/qmgr
qmgr_qmgr_SOURCES = qmgr/main.c qmgr/params.def
qmgr_qmgr_LDADD = $(QMGR_LIBS)
EXTRA_DIST += qmgr/README.md

if HAVE_CMOCKA
qmgr_tests = tests/unit/qmgr/test_qmgr tests/unit/qmgr/test_tools
check_PROGRAMS += $(qmgr_tests)
TESTS += $(qmgr_tests)
endif
tests_unit_qmgr_test_qmgr_SOURCES = tests/unit/qmgr/test_qmgr.c tests/unit/qmgr/world.c \
	tests/unit/qmgr/world.h tests/unit/unit.h
tests_unit_qmgr_test_qmgr_LDADD = $(QMGR_LIBS) $(CMOCKA_LIBS)
tests_unit_qmgr_test_tools_SOURCES = tests/unit/qmgr/test_tools.c tests/unit/qmgr/world.c \
	tests/unit/qmgr/world.h tests/unit/unit.h
tests_unit_qmgr_test_tools_LDADD = $(QMGR_LIBS) $(CMOCKA_LIBS)
