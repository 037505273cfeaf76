# lib/imap: layer 3, pure
noinst_LIBRARIES += lib/imap/libimap.a
EXTRA_DIST += lib/imap/README.md
lib_imap_libimap_a_SOURCES = \
	lib/imap/args.h lib/imap/command.c lib/imap/command.h lib/imap/fetch.c lib/imap/fetch.h \
	lib/imap/flags.c lib/imap/flags.h lib/imap/id.c lib/imap/id.h \
	lib/imap/mailbox.c lib/imap/mailbox.h lib/imap/parser.c lib/imap/parser.h \
	lib/imap/prelogin.c lib/imap/prelogin.h lib/imap/search.c lib/imap/search.h \
	lib/imap/seqset.c lib/imap/seqset.h lib/imap/structure.c lib/imap/structure.h \
	lib/imap/write.c lib/imap/write.h
IMAP_LIB = lib/imap/libimap.a

if HAVE_CMOCKA
imap_tests = tests/unit/imap/test_parser tests/unit/imap/test_prelogin \
	tests/unit/imap/test_seqset tests/unit/imap/test_names tests/unit/imap/test_command \
	tests/unit/imap/test_search tests/unit/imap/test_structure
check_PROGRAMS += $(imap_tests)
TESTS += $(imap_tests)
endif
imap_test_libs = $(IMAP_LIB) $(MAIL_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
tests_unit_imap_test_parser_SOURCES = tests/unit/imap/test_parser.c tests/unit/unit.h
tests_unit_imap_test_parser_LDADD = $(imap_test_libs)
tests_unit_imap_test_prelogin_SOURCES = tests/unit/imap/test_prelogin.c tests/unit/unit.h
tests_unit_imap_test_prelogin_LDADD = $(imap_test_libs)
tests_unit_imap_test_seqset_SOURCES = tests/unit/imap/test_seqset.c tests/unit/unit.h
tests_unit_imap_test_seqset_LDADD = $(imap_test_libs)
tests_unit_imap_test_names_SOURCES = tests/unit/imap/test_names.c tests/unit/unit.h
tests_unit_imap_test_names_LDADD = $(imap_test_libs)
tests_unit_imap_test_command_SOURCES = tests/unit/imap/test_command.c tests/unit/imap/line.h \
	tests/unit/unit.h
tests_unit_imap_test_command_LDADD = $(imap_test_libs)
tests_unit_imap_test_search_SOURCES = tests/unit/imap/test_search.c tests/unit/imap/line.h \
	tests/unit/unit.h
tests_unit_imap_test_search_LDADD = $(imap_test_libs)
tests_unit_imap_test_structure_SOURCES = tests/unit/imap/test_structure.c tests/unit/unit.h
tests_unit_imap_test_structure_LDADD = $(imap_test_libs)

fuzz_targets += tests/fuzz/fuzz_imap_parser tests/fuzz/fuzz_imap_grammar \
	tests/fuzz/fuzz_imap_prelogin
tests_fuzz_fuzz_imap_prelogin_SOURCES = tests/fuzz/fuzz_imap_prelogin.c $(FUZZ_MAIN)
tests_fuzz_fuzz_imap_prelogin_LDADD = $(IMAP_LIB) $(BASE_LIB) $(FUZZ_LIBS)
tests_fuzz_fuzz_imap_parser_SOURCES = tests/fuzz/fuzz_imap_parser.c $(FUZZ_MAIN)
tests_fuzz_fuzz_imap_parser_LDADD = $(IMAP_LIB) $(BASE_LIB) $(FUZZ_LIBS)
tests_fuzz_fuzz_imap_grammar_SOURCES = tests/fuzz/fuzz_imap_grammar.c $(FUZZ_MAIN)
tests_fuzz_fuzz_imap_grammar_LDADD = $(IMAP_LIB) $(MAIL_LIB) $(BASE_LIB) $(UNISTRING_LIBS) \
	$(FUZZ_LIBS)

check_PROGRAMS += tests/transcripts/test_imap_login
TESTS += tests/transcripts/test_imap_login
tests_transcripts_test_imap_login_SOURCES = tests/transcripts/test_imap_login.c
tests_transcripts_test_imap_login_LDADD = $(TRANSCRIPT_LIB) $(IMAP_LIB) $(BASE_LIB)
