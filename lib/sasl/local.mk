# lib/sasl: layer 3, pure
noinst_LIBRARIES += lib/sasl/libsasl.a
lib_sasl_libsasl_a_SOURCES = lib/sasl/authproto.c lib/sasl/authproto.h lib/sasl/login.c lib/sasl/mech.h lib/sasl/password.c \
	lib/sasl/password.h lib/sasl/plain.c lib/sasl/sasl.c lib/sasl/sasl.h
SASL_LIB = lib/sasl/libsasl.a
SASL_LIBS = $(SASL_LIB) $(DIGEST_LIBS) $(CRYPT_LIBS) $(ARGON2_LIBS) $(BASE_LIB)
EXTRA_DIST += lib/sasl/README.md

if HAVE_CMOCKA
sasl_tests = tests/unit/sasl/test_sasl tests/unit/sasl/test_password \
	tests/unit/sasl/test_authproto
check_PROGRAMS += $(sasl_tests)
TESTS += $(sasl_tests)
endif
tests_unit_sasl_test_sasl_SOURCES = tests/unit/sasl/test_sasl.c tests/unit/unit.h
tests_unit_sasl_test_sasl_LDADD = $(SASL_LIBS) $(CMOCKA_LIBS)
tests_unit_sasl_test_password_SOURCES = tests/unit/sasl/test_password.c tests/unit/unit.h
tests_unit_sasl_test_password_LDADD = $(SASL_LIBS) $(CMOCKA_LIBS)
tests_unit_sasl_test_authproto_SOURCES = tests/unit/sasl/test_authproto.c tests/unit/unit.h
tests_unit_sasl_test_authproto_LDADD = $(SASL_LIBS) $(CMOCKA_LIBS)

fuzz_targets += tests/fuzz/fuzz_sasl tests/fuzz/fuzz_password tests/fuzz/fuzz_authproto
tests_fuzz_fuzz_sasl_SOURCES = tests/fuzz/fuzz_sasl.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sasl_LDADD = $(SASL_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_password_SOURCES = tests/fuzz/fuzz_password.c $(FUZZ_MAIN)
tests_fuzz_fuzz_password_LDADD = $(SASL_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_authproto_SOURCES = tests/fuzz/fuzz_authproto.c $(FUZZ_MAIN)
tests_fuzz_fuzz_authproto_LDADD = $(SASL_LIBS) $(FUZZ_LIBS)
