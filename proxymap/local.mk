# proxymap: tables for confined processes
daemon_PROGRAMS += proxymap/proxymap
proxymap_proxymap_SOURCES = proxymap/main.c proxymap/proxymap.h proxymap/params.def \
	proxymap/worker.c proxymap/workers.c
proxymap_proxymap_LDADD = $(DAEMON_LIBS)
EXTRA_DIST += proxymap/README.md
