# lib/table: lookup tables
noinst_LIBRARIES += lib/table/libtable.a
lib_table_libtable_a_SOURCES = \
	lib/table/index.c lib/table/index.h lib/table/match.c lib/table/match.h \
	lib/table/memo.c lib/table/net.c lib/table/net.h lib/table/pattern.c \
	lib/table/pattern.h lib/table/source.c lib/table/source.h lib/table/table.c \
	lib/table/table.h lib/table/type.h lib/table/type_cidr.c lib/table/type_file.c \
	lib/table/type_join.c lib/table/type_pcre.c lib/table/type_regexp.c \
	lib/table/type_remote.c lib/table/type_simple.c lib/table/type_userdb.c \
	lib/table/types.def lib/table/userdb.c lib/table/userdb.h
EXTRA_DIST += lib/table/README.md
TABLE_LIB = lib/table/libtable.a
# What a program that uses tables links, besides the libraries below lib/table.
TABLE_LIBS = $(CDB_LIBS) $(PCRE2_LIBS)

if HAVE_CMOCKA
table_tests = tests/unit/table/test_match tests/unit/table/test_memo \
	tests/unit/table/test_source tests/unit/table/test_table tests/unit/table/test_userdb
check_PROGRAMS += $(table_tests)
TESTS += $(table_tests)
endif
table_test_libs = $(TABLE_LIB) $(CONF_LIB) $(BASE_LIB) $(TABLE_LIBS) $(CMOCKA_LIBS)
tests_unit_table_test_match_SOURCES = tests/unit/table/test_match.c tests/unit/unit.h
tests_unit_table_test_match_LDADD = $(table_test_libs)
tests_unit_table_test_memo_SOURCES = tests/unit/table/test_memo.c tests/unit/unit.h
tests_unit_table_test_memo_LDADD = $(table_test_libs)
tests_unit_table_test_source_SOURCES = tests/unit/table/test_source.c tests/unit/unit.h
tests_unit_table_test_source_LDADD = $(table_test_libs)
tests_unit_table_test_table_SOURCES = tests/unit/table/test_table.c tests/unit/unit.h
tests_unit_table_test_table_LDADD = $(table_test_libs)
tests_unit_table_test_userdb_SOURCES = tests/unit/table/test_userdb.c tests/unit/unit.h
tests_unit_table_test_userdb_LDADD = $(TABLE_LIB) $(IPC_LIB) $(EVENT_LIB) $(CONF_LIB) $(SYS_LIB) $(BASE_LIB) \
	$(EVENT_LIBS) $(TABLE_LIBS) $(CMOCKA_LIBS)

fuzz_targets += tests/fuzz/fuzz_table_source tests/fuzz/fuzz_pattern
table_fuzz_libs = $(TABLE_LIB) $(CONF_LIB) $(BASE_LIB) $(TABLE_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_table_source_SOURCES = tests/fuzz/fuzz_table_source.c $(FUZZ_MAIN)
tests_fuzz_fuzz_table_source_LDADD = $(table_fuzz_libs)
tests_fuzz_fuzz_pattern_SOURCES = tests/fuzz/fuzz_pattern.c $(FUZZ_MAIN)
tests_fuzz_fuzz_pattern_LDADD = $(table_fuzz_libs)
