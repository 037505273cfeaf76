# auth: who may log in; auth-worker: what would block it
noinst_LIBRARIES += auth/libauth.a
auth_libauth_a_SOURCES = auth/auth.h auth/check.c auth/check.h auth/client.c auth/client.h \
	auth/dbspec.c auth/dbspec.h auth/expand.c auth/expand.h auth/fields.c auth/fields.h \
	auth/ids.c auth/ids.h auth/lookup.c auth/lookup.h auth/name.c auth/name.h \
	auth/outside.c auth/outside.h auth/params.def auth/passwd_file.c auth/passwd_file.h \
	auth/passwd_line.c auth/penalty.c auth/penalty.h auth/request.c auth/request.h auth/setup.c auth/tokens.c auth/tokens.h \
	auth/user.c auth/user.h auth/workers.c auth/workers.h
AUTH_LIB = auth/libauth.a

daemon_PROGRAMS += auth/auth auth/auth-worker
auth_auth_SOURCES = auth/main.c
auth_auth_LDADD = $(AUTH_LIB) $(SASL_LIB) $(DIGEST_LIB) $(DAEMON_LIBS) $(OPENSSL_LIBS) $(CRYPT_LIBS) \
	$(ARGON2_LIBS)
auth_auth_worker_SOURCES = auth/pam.c auth/worker.c auth/worker_job.c auth/worker_job.h
auth_auth_worker_LDADD = $(SASL_LIB) $(DIGEST_LIB) $(DAEMON_LIBS) $(OPENSSL_LIBS) $(CRYPT_LIBS) \
	$(ARGON2_LIBS) $(PAM_LIBS)
auth_libs = $(AUTH_LIB) $(SASL_LIBS)

if HAVE_CMOCKA
auth_tests = tests/unit/auth/test_names tests/unit/auth/test_penalty tests/unit/auth/test_sources \
	tests/unit/auth/test_auth tests/unit/auth/test_chains
check_PROGRAMS += $(auth_tests)
TESTS += $(auth_tests)
endif
tests_unit_auth_test_names_SOURCES = tests/unit/auth/test_names.c tests/unit/unit.h
tests_unit_auth_test_names_LDADD = $(auth_libs) $(CMOCKA_LIBS)
tests_unit_auth_test_penalty_SOURCES = tests/unit/auth/test_penalty.c tests/unit/unit.h
tests_unit_auth_test_penalty_LDADD = $(auth_auth_LDADD) $(CMOCKA_LIBS)
tests_unit_auth_test_sources_SOURCES = tests/unit/auth/test_sources.c tests/unit/unit.h
tests_unit_auth_test_sources_LDADD = $(auth_libs) $(CMOCKA_LIBS)
tests_unit_auth_test_auth_SOURCES = tests/unit/auth/test_auth.c auth/worker_job.c auth/pam.c \
	tests/unit/unit.h
tests_unit_auth_test_auth_LDADD = $(auth_auth_LDADD) $(PAM_LIBS) $(CMOCKA_LIBS)
tests_unit_auth_test_chains_SOURCES = tests/unit/auth/test_chains.c tests/unit/unit.h
tests_unit_auth_test_chains_LDADD = $(auth_auth_LDADD) $(CMOCKA_LIBS)

fuzz_targets += tests/fuzz/fuzz_passwd_line
tests_fuzz_fuzz_passwd_line_SOURCES = tests/fuzz/fuzz_passwd_line.c $(FUZZ_MAIN)
tests_fuzz_fuzz_passwd_line_LDADD = $(auth_libs) $(FUZZ_LIBS)
EXTRA_DIST += auth/README.md
