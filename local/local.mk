# local: delivery to mailboxes, files and commands; also as virtual
noinst_LIBRARIES += local/liblocal.a
local_liblocal_a_SOURCES = local/alias.c local/alias.h local/command.c local/command.h \
	local/lock.c local/lock.h local/maildir.c local/maildir.h local/mbox.c local/mbox.h \
	local/message.c local/message.h

if HAVE_CMOCKA
local_tests = tests/unit/local/test_alias tests/unit/local/test_maildir \
	tests/unit/local/test_mbox tests/unit/local/test_command
check_PROGRAMS += $(local_tests)
TESTS += $(local_tests)
endif
local_test_libs = local/liblocal.a $(MAIL_LIB) $(SYS_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
tests_unit_local_test_alias_SOURCES = tests/unit/local/test_alias.c tests/unit/unit.h
tests_unit_local_test_alias_LDADD = $(local_test_libs)
tests_unit_local_test_maildir_SOURCES = tests/unit/local/test_maildir.c tests/unit/local/tempdir.h
tests_unit_local_test_maildir_LDADD = $(local_test_libs)
tests_unit_local_test_mbox_SOURCES = tests/unit/local/test_mbox.c tests/unit/local/tempdir.h
tests_unit_local_test_mbox_LDADD = $(local_test_libs)
tests_unit_local_test_command_SOURCES = tests/unit/local/test_command.c tests/unit/local/tempdir.h
tests_unit_local_test_command_LDADD = $(local_test_libs)
