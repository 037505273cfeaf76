# lib/deliver: layer 3, writing mail into Maildirs and files, and giving it to commands
noinst_LIBRARIES += lib/deliver/libdeliver.a
lib_deliver_libdeliver_a_SOURCES = lib/deliver/command.c lib/deliver/command.h lib/deliver/lock.c \
	lib/deliver/lock.h lib/deliver/maildir.c lib/deliver/maildir.h lib/deliver/mbox.c \
	lib/deliver/mbox.h lib/deliver/message.c lib/deliver/message.h
DELIVER_LIB = lib/deliver/libdeliver.a
EXTRA_DIST += lib/deliver/README.md

if HAVE_CMOCKA
deliver_tests = tests/unit/deliver/test_maildir tests/unit/deliver/test_mbox \
	tests/unit/deliver/test_command
check_PROGRAMS += $(deliver_tests)
TESTS += $(deliver_tests)
endif
deliver_test_libs = $(DELIVER_LIB) $(MAIL_LIB) $(SYS_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
tests_unit_deliver_test_maildir_SOURCES = tests/unit/deliver/test_maildir.c tests/unit/deliver/tempdir.h
tests_unit_deliver_test_maildir_LDADD = $(deliver_test_libs)
tests_unit_deliver_test_mbox_SOURCES = tests/unit/deliver/test_mbox.c tests/unit/deliver/tempdir.h
tests_unit_deliver_test_mbox_LDADD = $(deliver_test_libs)
tests_unit_deliver_test_command_SOURCES = tests/unit/deliver/test_command.c tests/unit/deliver/tempdir.h
tests_unit_deliver_test_command_LDADD = $(deliver_test_libs)
