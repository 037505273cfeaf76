# lib/base: layer 0, pure
noinst_LIBRARIES += lib/base/libbase.a
lib_base_libbase_a_SOURCES = \
	lib/base/arena.c lib/base/arena.h lib/base/base64.c lib/base/base64.h lib/base/buf.c lib/base/buf.h lib/base/char.h \
	lib/base/hash.c lib/base/hash.h lib/base/heap.c lib/base/heap.h lib/base/list.h \
	lib/base/mem.c lib/base/mem.h lib/base/num.c lib/base/num.h lib/base/rc.c lib/base/rc.h \
	lib/base/slice.c lib/base/slice.h
BASE_LIB = lib/base/libbase.a

if HAVE_CMOCKA
base_tests = tests/unit/base/test_slice tests/unit/base/test_buf tests/unit/base/test_containers \
	tests/unit/base/test_base64
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
endif
tests_unit_base_test_slice_SOURCES = tests/unit/base/test_slice.c tests/unit/unit.h
tests_unit_base_test_slice_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_base_test_buf_SOURCES = tests/unit/base/test_buf.c tests/unit/unit.h
tests_unit_base_test_buf_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_base_test_containers_SOURCES = tests/unit/base/test_containers.c tests/unit/unit.h
tests_unit_base_test_containers_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_base_test_base64_SOURCES = tests/unit/base/test_base64.c tests/unit/unit.h
tests_unit_base_test_base64_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
EXTRA_DIST += lib/base/README.md
