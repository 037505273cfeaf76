# lib/event: layer 1, the loop
noinst_LIBRARIES += lib/event/libevent.a
lib_event_libevent_a_SOURCES = lib/event/conn.c lib/event/conn.h lib/event/event.c \
	lib/event/event.h lib/event/acceptor.c lib/event/acceptor.h
EVENT_LIB = lib/event/libevent.a
EXTRA_DIST += lib/event/README.md

if HAVE_CMOCKA
event_tests = tests/unit/event/test_event tests/unit/event/test_conn
check_PROGRAMS += $(event_tests)
TESTS += $(event_tests)
endif
tests_unit_event_test_event_SOURCES = tests/unit/event/test_event.c tests/unit/unit.h
tests_unit_event_test_event_LDADD = $(EVENT_LIB) $(BASE_LIB) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_event_test_conn_SOURCES = tests/unit/event/test_conn.c tests/unit/unit.h
tests_unit_event_test_conn_LDADD = $(EVENT_LIB) $(BASE_LIB) $(EVENT_LIBS) $(CMOCKA_LIBS)
