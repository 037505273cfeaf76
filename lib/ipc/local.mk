# lib/ipc: layer 2, packets, codecs and channels
noinst_LIBRARIES += lib/ipc/libipc.a
lib_ipc_libipc_a_SOURCES = lib/ipc/chan.c lib/ipc/chan.h lib/ipc/gen.h lib/ipc/gen_undef.h \
	lib/ipc/packet.c \
	lib/ipc/packet.h lib/ipc/sync.c lib/ipc/wire.c lib/ipc/wire.h \
	lib/ipc/anvil.def lib/ipc/anvil.h lib/ipc/auth.def lib/ipc/auth.h lib/ipc/authworker.def \
	lib/ipc/authworker.h lib/ipc/bounce.def \
	lib/ipc/bounce.h lib/ipc/cleanup.def lib/ipc/cleanup.h lib/ipc/control.def \
	lib/ipc/control.h lib/ipc/deliver.def lib/ipc/deliver.h lib/ipc/login.def lib/ipc/login.h \
	lib/ipc/proxymap.def lib/ipc/proxymap.h lib/ipc/qmgr.def lib/ipc/qmgr.h \
	lib/ipc/resolver.def lib/ipc/resolver.h
IPC_LIB = lib/ipc/libipc.a
EXTRA_DIST += lib/ipc/README.md
