# lib/tls: what the build makes of this folder

# digests, apart from TLS proper: who only hashes links neither libssl nor the rest
noinst_LIBRARIES += lib/tls/libdigest.a
lib_tls_libdigest_a_SOURCES = lib/tls/digest.c lib/tls/digest.h
DIGEST_LIB = lib/tls/libdigest.a
DIGEST_LIBS = $(DIGEST_LIB) $(OPENSSL_LIBS)
