# lib/sys: layer 1, the operating system
noinst_LIBRARIES += lib/sys/libsys.a
lib_sys_libsys_a_SOURCES = lib/sys/crc.c lib/sys/crc.h lib/sys/log.c lib/sys/log.h
SYS_LIB = lib/sys/libsys.a

if HAVE_CMOCKA
sys_tests = tests/unit/sys/test_log
check_PROGRAMS += $(sys_tests)
TESTS += $(sys_tests)
endif
tests_unit_sys_test_log_SOURCES = tests/unit/sys/test_log.c tests/unit/unit.h
tests_unit_sys_test_log_LDADD = $(SYS_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
