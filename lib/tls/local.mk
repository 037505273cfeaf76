# lib/tls: layer 2, the only user of OpenSSL
noinst_LIBRARIES += lib/tls/libtls.a
lib_tls_libtls_a_SOURCES = lib/tls/config.c lib/tls/config.h lib/tls/filter.c lib/tls/info.c \
	lib/tls/info.h lib/tls/params.def lib/tls/server.c lib/tls/server.h lib/tls/ticket.c \
	lib/tls/tls_int.h
TLS_LIB = lib/tls/libtls.a
# What a program with TLS links besides DAEMON_LIBS.
TLS_LIBS = $(TLS_LIB) $(OPENSSL_LIBS)
# Digests, apart from TLS proper: who only hashes links neither libssl nor the rest.
noinst_LIBRARIES += lib/tls/libdigest.a
lib_tls_libdigest_a_SOURCES = lib/tls/digest.c lib/tls/digest.h
DIGEST_LIB = lib/tls/libdigest.a
DIGEST_LIBS = $(DIGEST_LIB) $(OPENSSL_LIBS)
EXTRA_DIST += lib/tls/README.md

if HAVE_CMOCKA
tls_tests = tests/unit/tls/test_tls
check_PROGRAMS += $(tls_tests)
TESTS += $(tls_tests)
endif
tests_unit_tls_test_tls_SOURCES = tests/unit/tls/test_tls.c tests/unit/unit.h
tests_unit_tls_test_tls_LDADD = $(TLS_LIBS) $(CONF_LIB) $(EVENT_LIB) $(SYS_LIB) $(BASE_LIB) \
	$(EVENT_LIBS) $(CMOCKA_LIBS)
