# lib/ipc: layer 2, packets, codecs and channels
noinst_LIBRARIES += lib/ipc/libipc.a
lib_ipc_libipc_a_SOURCES = lib/ipc/chan.c lib/ipc/chan.h lib/ipc/gen.h lib/ipc/gen_undef.h \
	lib/ipc/packet.c \
	lib/ipc/packet.h lib/ipc/sync.c lib/ipc/wire.c lib/ipc/wire.h \
	lib/ipc/all.def lib/ipc/anvil.def lib/ipc/anvil.h lib/ipc/auth.def lib/ipc/auth.h lib/ipc/authworker.def \
	lib/ipc/authworker.h lib/ipc/bounce.def \
	lib/ipc/bounce.h lib/ipc/cleanup.def lib/ipc/cleanup.h lib/ipc/control.def \
	lib/ipc/control.h lib/ipc/deliver.def lib/ipc/deliver.h lib/ipc/imapstate.def lib/ipc/imapstate.h lib/ipc/localbroker.def \
	lib/ipc/localbroker.h lib/ipc/localworker.def lib/ipc/localworker.h lib/ipc/login.def lib/ipc/login.h \
	lib/ipc/proxymap.def lib/ipc/proxymap.h lib/ipc/qmgr.def lib/ipc/qmgr.h \
	lib/ipc/resolver.def lib/ipc/resolver.h lib/ipc/sleep.def lib/ipc/sleep.h lib/ipc/status.def lib/ipc/status.h
IPC_LIB = lib/ipc/libipc.a
EXTRA_DIST += lib/ipc/README.md

if HAVE_CMOCKA
ipc_tests = tests/unit/ipc/test_packet tests/unit/ipc/test_chan
check_PROGRAMS += $(ipc_tests)
TESTS += $(ipc_tests)
endif
ipc_test_libs = $(IPC_LIB) $(EVENT_LIB) $(SYS_LIB) $(BASE_LIB) $(EVENT_LIBS)
tests_unit_ipc_test_packet_SOURCES = tests/unit/ipc/test_packet.c tests/unit/unit.h
tests_unit_ipc_test_packet_LDADD = $(ipc_test_libs) $(CMOCKA_LIBS)
tests_unit_ipc_test_chan_SOURCES = tests/unit/ipc/test_chan.c tests/unit/unit.h
tests_unit_ipc_test_chan_LDADD = $(ipc_test_libs) $(CMOCKA_LIBS)
fuzz_targets += tests/fuzz/fuzz_ipc
tests_fuzz_fuzz_ipc_SOURCES = tests/fuzz/fuzz_ipc.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ipc_LDADD = $(ipc_test_libs) $(FUZZ_LIBS)
