# lib/sys: layer 1, the operating system
noinst_LIBRARIES += lib/sys/libsys.a
lib_sys_libsys_a_SOURCES = lib/sys/calls.def lib/sys/client.c lib/sys/client.h lib/sys/confine.h lib/sys/crc.c lib/sys/crc.h \
	lib/sys/enter.c lib/sys/filter.c lib/sys/landlock.c lib/sys/log.c lib/sys/log.h \
	lib/sys/roles.c lib/sys/roles.def lib/sys/endpoints.def lib/sys/roles.h lib/sys/ticket.h \
	lib/sys/stdfds.c lib/sys/stdfds.h lib/sys/unixsock.c lib/sys/unixsock.h
SYS_LIB = lib/sys/libsys.a

if HAVE_CMOCKA
sys_tests = tests/unit/sys/test_log tests/unit/sys/test_roles tests/unit/sys/test_unixsock
check_PROGRAMS += $(sys_tests)
TESTS += $(sys_tests)
endif
tests_unit_sys_test_log_SOURCES = tests/unit/sys/test_log.c tests/unit/unit.h
tests_unit_sys_test_log_LDADD = $(SYS_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_sys_test_roles_SOURCES = tests/unit/sys/test_roles.c tests/unit/unit.h
tests_unit_sys_test_roles_LDADD = $(SYS_LIB) $(BASE_LIB) $(SECCOMP_LIBS) $(CMOCKA_LIBS)
tests_unit_sys_test_unixsock_SOURCES = tests/unit/sys/test_unixsock.c tests/unit/unit.h
tests_unit_sys_test_unixsock_LDADD = $(SYS_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
EXTRA_DIST += lib/sys/README.md
