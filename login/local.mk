# login: imap-login and pop3-login, one program
noinst_LIBRARIES += login/liblogin.a
login_liblogin_a_SOURCES = login/address.c login/address.h login/ask.c login/handover.c \
	login/login.c login/login.h login/params.def login/proto.h login/proto_imap.c \
	login/proto_pop3.c login/relay.c login/say.c login/say.h login/session.c login/session.h
LOGIN_LIB = login/liblogin.a
EXTRA_DIST += login/README.md

daemon_PROGRAMS += login/login
login_login_SOURCES = login/main.c
login_login_LDADD = $(LOGIN_LIB) $(IMAP_LIB) $(POP3_LIB) $(TLS_LIB) $(DAEMON_LIBS) $(OPENSSL_LIBS)

if HAVE_CMOCKA
login_tests = tests/unit/login/test_say tests/unit/login/test_login
check_PROGRAMS += $(login_tests)
TESTS += $(login_tests)
endif
tests_unit_login_test_say_SOURCES = tests/unit/login/test_say.c tests/unit/unit.h
tests_unit_login_test_say_LDADD = $(LOGIN_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_login_test_login_SOURCES = tests/unit/login/test_login.c tests/unit/login/stage.c \
	tests/unit/login/stage.h tests/unit/unit.h
tests_unit_login_test_login_LDADD = $(login_login_LDADD) $(CMOCKA_LIBS)
