# lib/store: mailboxes, and the Maildir++ back end
noinst_LIBRARIES += lib/store/libstore.a
lib_store_libstore_a_SOURCES = \
	lib/store/append.c lib/store/append.h lib/store/backend.h lib/store/box.c \
	lib/store/box.h lib/store/content.h lib/store/fs.c lib/store/fs.h lib/store/list.c lib/store/names.c \
	lib/store/names.h lib/store/store.c lib/store/store.h lib/store/maildir/md.h \
	lib/store/maildir/md_append.c lib/store/maildir/md_box.c lib/store/maildir/md_folder.c \
	lib/store/maildir/md_folder.h lib/store/maildir/md_keywords.c \
	lib/store/maildir/md_keywords.h lib/store/maildir/md_lock.c lib/store/maildir/md_lock.h \
	lib/store/maildir/md_name.c lib/store/maildir/md_name.h lib/store/maildir/md_read.c \
	lib/store/maildir/md_scan.c lib/store/maildir/md_store.c lib/store/maildir/md_subs.c \
	lib/store/maildir/md_subs.h lib/store/maildir/md_sync.c lib/store/maildir/md_table.c \
	lib/store/maildir/md_table.h lib/store/maildir/md_uidfile.c \
	lib/store/maildir/md_uidlist.c lib/store/maildir/md_uidlist.h
STORE_LIB = lib/store/libstore.a
EXTRA_DIST += lib/store/README.md lib/store/maildir/README.md

if HAVE_CMOCKA
store_tests = tests/unit/store/test_formats tests/unit/store/test_maildir \
	tests/unit/store/test_mailboxes tests/unit/store/test_confined \
	tests/unit/store/test_fixture tests/unit/store/test_race \
	tests/unit/store/test_crash tests/unit/store/test_full
check_PROGRAMS += $(store_tests)
TESTS += $(store_tests)
endif
store_test_libs = $(STORE_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_store_test_formats_SOURCES = tests/unit/store/test_formats.c tests/unit/unit.h
tests_unit_store_test_formats_LDADD = $(store_test_libs)
tests_unit_store_test_maildir_SOURCES = tests/unit/store/test_maildir.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_store_test_maildir_LDADD = $(store_test_libs)
tests_unit_store_test_mailboxes_SOURCES = tests/unit/store/test_mailboxes.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_store_test_mailboxes_LDADD = $(store_test_libs)
tests_unit_store_test_confined_SOURCES = tests/unit/store/test_confined.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_store_test_confined_LDADD = $(STORE_LIB) $(SYS_LIB) $(BASE_LIB) $(SECCOMP_LIBS) \
	$(CMOCKA_LIBS)
tests_unit_store_test_fixture_SOURCES = tests/unit/store/test_fixture.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_store_test_fixture_LDADD = $(store_test_libs)
EXTRA_DIST += tests/data/maildir-dovecot
tests_unit_store_test_full_SOURCES = tests/unit/store/test_full.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_store_test_full_LDADD = $(store_test_libs)
tests_unit_store_test_crash_SOURCES = tests/unit/store/test_crash.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_store_test_crash_LDADD = $(store_test_libs)
tests_unit_store_test_race_SOURCES = tests/unit/store/test_race.c \
	tests/unit/store/maildir.c tests/unit/store/maildir.h tests/unit/unit.h
tests_unit_store_test_race_LDADD = $(store_test_libs)

fuzz_targets += tests/fuzz/fuzz_md_uidlist
tests_fuzz_fuzz_md_uidlist_SOURCES = tests/fuzz/fuzz_md_uidlist.c $(FUZZ_MAIN)
tests_fuzz_fuzz_md_uidlist_LDADD = $(STORE_LIB) $(BASE_LIB) $(FUZZ_LIBS)
fuzz_targets += tests/fuzz/fuzz_md_keywords
tests_fuzz_fuzz_md_keywords_SOURCES = tests/fuzz/fuzz_md_keywords.c $(FUZZ_MAIN)
tests_fuzz_fuzz_md_keywords_LDADD = $(STORE_LIB) $(BASE_LIB) $(FUZZ_LIBS)
fuzz_targets += tests/fuzz/fuzz_md_subs
tests_fuzz_fuzz_md_subs_SOURCES = tests/fuzz/fuzz_md_subs.c $(FUZZ_MAIN)
tests_fuzz_fuzz_md_subs_LDADD = $(STORE_LIB) $(BASE_LIB) $(FUZZ_LIBS)
fuzz_targets += tests/fuzz/fuzz_md_name
tests_fuzz_fuzz_md_name_SOURCES = tests/fuzz/fuzz_md_name.c $(FUZZ_MAIN)
tests_fuzz_fuzz_md_name_LDADD = $(STORE_LIB) $(BASE_LIB) $(FUZZ_LIBS)

# with Debian's Dovecot on the other side
check_PROGRAMS += tests/system/storectl
tests_system_storectl_SOURCES = tests/system/storectl.c
tests_system_storectl_LDADD = $(STORE_LIB) $(BASE_LIB)
dist_check_SCRIPTS += tests/system/dovecot-roundtrip
TESTS += tests/system/dovecot-roundtrip
