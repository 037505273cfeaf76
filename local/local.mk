# local: delivery to mailboxes, files and commands; also as virtual
daemon_PROGRAMS += local/local
local_local_SOURCES = local/alias.c local/alias.h local/broker.c local/broker.h local/config.c \
	local/config.h local/expand.c local/expand.h local/facts.c local/facts.h local/forward.c \
	local/front.h local/macros.c local/macros.h local/main.c local/params.def \
	local/recipient.c local/request.c local/virtual.c local/virtual.h local/worker.c \
	local/worker.h local/workers.c local/workers.h
local_local_LDADD = $(DELIVER_LIB) $(ADDRESS_LIB) $(QUEUE_LIB) $(MAIL_LIB) $(DAEMON_LIBS) \
	$(UNISTRING_LIBS)
EXTRA_DIST += local/README.md

if HAVE_CMOCKA
local_tests = tests/unit/local/test_alias tests/unit/local/test_broker \
	tests/unit/local/test_local tests/unit/local/test_options tests/unit/local/test_virtual
check_PROGRAMS += $(local_tests)
TESTS += $(local_tests)
endif
tests_unit_local_test_alias_SOURCES = tests/unit/local/test_alias.c tests/unit/unit.h \
	local/alias.c local/alias.h
tests_unit_local_test_alias_LDADD = $(MAIL_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
tests_unit_local_test_broker_SOURCES = tests/unit/local/test_broker.c local/broker.c local/broker.h \
	local/worker.c local/worker.h local/config.h local/params.def \
	tests/unit/daemon/fake_master.c tests/unit/daemon/fake_master.h tests/unit/unit.h
tests_unit_local_test_broker_LDADD = $(DELIVER_LIB) $(MAIL_LIB) $(DAEMON_LIBS) $(CMOCKA_LIBS) \
	$(UNISTRING_LIBS)
# These drive the program itself.
local_harness = tests/unit/local/harness.c tests/unit/local/harness.h \
	tests/unit/deliver/tempdir.h
local_program_test_libs = $(IPC_LIB) $(EVENT_LIB) $(SYS_LIB) $(BASE_LIB) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_local_test_local_SOURCES = tests/unit/local/test_local.c $(local_harness)
tests_unit_local_test_local_LDADD = $(local_program_test_libs)
tests_unit_local_test_options_SOURCES = tests/unit/local/test_options.c $(local_harness)
tests_unit_local_test_options_LDADD = $(local_program_test_libs)
tests_unit_local_test_virtual_SOURCES = tests/unit/local/test_virtual.c $(local_harness)
tests_unit_local_test_virtual_LDADD = $(local_program_test_libs)

fuzz_targets += tests/fuzz/fuzz_alias
tests_fuzz_fuzz_alias_SOURCES = tests/fuzz/fuzz_alias.c local/alias.c local/alias.h $(FUZZ_MAIN)
tests_fuzz_fuzz_alias_LDADD = $(MAIL_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(FUZZ_LIBS)
