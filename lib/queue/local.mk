# lib/queue: layer 3, queue ids, the queue file, the spool's directories
noinst_LIBRARIES += lib/queue/libqueue.a
lib_queue_libqueue_a_SOURCES = lib/queue/envelope.c lib/queue/envelope.h \
	lib/queue/id.c lib/queue/id.h
QUEUE_LIB = lib/queue/libqueue.a
queue_test_libs = $(QUEUE_LIB) $(SYS_LIB) $(BASE_LIB) $(CMOCKA_LIBS)

if HAVE_CMOCKA
queue_tests = tests/unit/queue/test_id tests/unit/queue/test_envelope
check_PROGRAMS += $(queue_tests)
TESTS += $(queue_tests)
endif
tests_unit_queue_test_id_SOURCES = tests/unit/queue/test_id.c tests/unit/unit.h
tests_unit_queue_test_id_LDADD = $(queue_test_libs)
tests_unit_queue_test_envelope_SOURCES = tests/unit/queue/test_envelope.c tests/unit/unit.h
tests_unit_queue_test_envelope_LDADD = $(queue_test_libs)
