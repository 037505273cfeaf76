# lib/mail: layer 3, what a message is made of
noinst_LIBRARIES += lib/mail/libmail.a
lib_mail_libmail_a_SOURCES = \
	lib/mail/addr.c lib/mail/addr.h lib/mail/cfws.c lib/mail/cfws.h \
	lib/mail/charset.c lib/mail/charset.h \
	lib/mail/date.c lib/mail/date.h lib/mail/enc.c lib/mail/enc.h \
	lib/mail/header.c lib/mail/header.h lib/mail/mime.c lib/mail/mime.h \
	lib/mail/mime_type.c lib/mail/mime_type.h lib/mail/utf7.c \
	lib/mail/wire.c lib/mail/wire.h
MAIL_LIB = lib/mail/libmail.a
EXTRA_DIST += lib/mail/README.md

if HAVE_CMOCKA
mail_tests = tests/unit/mail/test_header tests/unit/mail/test_addr tests/unit/mail/test_date \
	tests/unit/mail/test_enc tests/unit/mail/test_charset tests/unit/mail/test_mime \
	tests/unit/mail/test_wire
check_PROGRAMS += $(mail_tests)
TESTS += $(mail_tests)
endif
MAIL_TEST_LIBS = $(MAIL_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
tests_unit_mail_test_header_SOURCES = tests/unit/mail/test_header.c tests/unit/unit.h
tests_unit_mail_test_header_LDADD = $(MAIL_TEST_LIBS)
tests_unit_mail_test_addr_SOURCES = tests/unit/mail/test_addr.c tests/unit/unit.h
tests_unit_mail_test_addr_LDADD = $(MAIL_TEST_LIBS)
tests_unit_mail_test_date_SOURCES = tests/unit/mail/test_date.c tests/unit/unit.h
tests_unit_mail_test_date_LDADD = $(MAIL_TEST_LIBS)
tests_unit_mail_test_enc_SOURCES = tests/unit/mail/test_enc.c tests/unit/unit.h
tests_unit_mail_test_enc_LDADD = $(MAIL_TEST_LIBS)
tests_unit_mail_test_charset_SOURCES = tests/unit/mail/test_charset.c tests/unit/unit.h
tests_unit_mail_test_charset_LDADD = $(MAIL_TEST_LIBS)
tests_unit_mail_test_mime_SOURCES = tests/unit/mail/test_mime.c tests/unit/unit.h
tests_unit_mail_test_mime_LDADD = $(MAIL_TEST_LIBS)
tests_unit_mail_test_wire_SOURCES = tests/unit/mail/test_wire.c tests/unit/unit.h
tests_unit_mail_test_wire_LDADD = $(MAIL_TEST_LIBS)

fuzz_targets += tests/fuzz/fuzz_header tests/fuzz/fuzz_addr tests/fuzz/fuzz_date \
	tests/fuzz/fuzz_enc tests/fuzz/fuzz_mime tests/fuzz/fuzz_charset
MAIL_FUZZ_LIBS = $(MAIL_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_header_SOURCES = tests/fuzz/fuzz_header.c $(FUZZ_MAIN)
tests_fuzz_fuzz_header_LDADD = $(MAIL_FUZZ_LIBS)
tests_fuzz_fuzz_addr_SOURCES = tests/fuzz/fuzz_addr.c $(FUZZ_MAIN)
tests_fuzz_fuzz_addr_LDADD = $(MAIL_FUZZ_LIBS)
tests_fuzz_fuzz_date_SOURCES = tests/fuzz/fuzz_date.c $(FUZZ_MAIN)
tests_fuzz_fuzz_date_LDADD = $(MAIL_FUZZ_LIBS)
tests_fuzz_fuzz_enc_SOURCES = tests/fuzz/fuzz_enc.c $(FUZZ_MAIN)
tests_fuzz_fuzz_enc_LDADD = $(MAIL_FUZZ_LIBS)
tests_fuzz_fuzz_mime_SOURCES = tests/fuzz/fuzz_mime.c $(FUZZ_MAIN)
tests_fuzz_fuzz_mime_LDADD = $(MAIL_FUZZ_LIBS)
tests_fuzz_fuzz_charset_SOURCES = tests/fuzz/fuzz_charset.c $(FUZZ_MAIN)
tests_fuzz_fuzz_charset_LDADD = $(MAIL_FUZZ_LIBS)
