# cleanup: accepts messages into the queue
noinst_LIBRARIES += cleanup/libcleanup.a
cleanup_libcleanup_a_SOURCES = cleanup/expand.h cleanup/intake.c cleanup/pool.c cleanup/pool.h \
	cleanup/server.c cleanup/server.h cleanup/txn.c
