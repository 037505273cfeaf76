# lib/queue: layer 3, queue ids, the queue file, the spool's directories
noinst_LIBRARIES += lib/queue/libqueue.a
lib_queue_libqueue_a_SOURCES = lib/queue/envelope.c lib/queue/envelope.h lib/queue/file.c \
	lib/queue/file.h lib/queue/id.c lib/queue/id.h lib/queue/listing.c lib/queue/listing.h lib/queue/logline.c \
	lib/queue/logline.h lib/queue/params.def lib/queue/post.c lib/queue/post.h lib/queue/reason.c lib/queue/reason.h \
	lib/queue/spool.c lib/queue/spool.h lib/queue/submission.c lib/queue/submission.h
QUEUE_LIB = lib/queue/libqueue.a
queue_test_libs = $(QUEUE_LIB) $(SYS_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
EXTRA_DIST += lib/queue/README.md

if HAVE_CMOCKA
queue_tests = tests/unit/queue/test_id tests/unit/queue/test_envelope tests/unit/queue/test_spool \
	tests/unit/queue/test_logline
check_PROGRAMS += $(queue_tests)
TESTS += $(queue_tests)
endif
tests_unit_queue_test_id_SOURCES = tests/unit/queue/test_id.c tests/unit/unit.h
tests_unit_queue_test_id_LDADD = $(queue_test_libs)
tests_unit_queue_test_envelope_SOURCES = tests/unit/queue/test_envelope.c tests/unit/unit.h
tests_unit_queue_test_envelope_LDADD = $(queue_test_libs)
tests_unit_queue_test_spool_SOURCES = tests/unit/queue/test_spool.c tests/unit/unit.h
tests_unit_queue_test_spool_LDADD = $(queue_test_libs)
tests_unit_queue_test_logline_SOURCES = tests/unit/queue/test_logline.c tests/unit/unit.h
tests_unit_queue_test_logline_LDADD = $(queue_test_libs)

fuzz_targets += tests/fuzz/fuzz_queue_tail
tests_fuzz_fuzz_queue_tail_SOURCES = tests/fuzz/fuzz_queue_tail.c $(FUZZ_MAIN)
tests_fuzz_fuzz_queue_tail_LDADD = $(QUEUE_LIB) $(SYS_LIB) $(BASE_LIB) $(FUZZ_LIBS)
