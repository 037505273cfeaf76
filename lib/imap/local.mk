# lib/imap: layer 3, pure
noinst_LIBRARIES += lib/imap/libimap.a
lib_imap_libimap_a_SOURCES = \
	lib/imap/args.h lib/imap/id.c lib/imap/id.h lib/imap/parser.c lib/imap/parser.h \
	lib/imap/prelogin.c lib/imap/prelogin.h
IMAP_LIB = lib/imap/libimap.a

if HAVE_CMOCKA
imap_tests = tests/unit/imap/test_parser tests/unit/imap/test_prelogin
check_PROGRAMS += $(imap_tests)
TESTS += $(imap_tests)
endif
tests_unit_imap_test_parser_SOURCES = tests/unit/imap/test_parser.c tests/unit/unit.h
tests_unit_imap_test_parser_LDADD = $(IMAP_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_imap_test_prelogin_SOURCES = tests/unit/imap/test_prelogin.c tests/unit/unit.h
tests_unit_imap_test_prelogin_LDADD = $(IMAP_LIB) $(BASE_LIB) $(CMOCKA_LIBS)

fuzz_targets += tests/fuzz/fuzz_imap_parser
tests_fuzz_fuzz_imap_parser_SOURCES = tests/fuzz/fuzz_imap_parser.c $(FUZZ_MAIN)
tests_fuzz_fuzz_imap_parser_LDADD = $(IMAP_LIB) $(BASE_LIB) $(FUZZ_LIBS)
