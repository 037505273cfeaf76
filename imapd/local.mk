# imapd: the session as an archive, so that tests run it without the daemon around it
noinst_LIBRARIES += imapd/libimapd.a
imapd_libimapd_a_SOURCES = \
	imapd/args.c imapd/args.h imapd/cmd_any.c imapd/cmd_append.c imapd/cmd_copy.c \
	imapd/cmd_fetch.c imapd/cmd_idle.c imapd/cmd_list.c imapd/cmd_mailbox.c imapd/cmd_search.c \
	imapd/cmd_select.c imapd/cmd_store.c imapd/command.c imapd/commands.h \
	imapd/match.c imapd/match.h imapd/match_text.c imapd/match_text.h \
	imapd/message.c imapd/message.h imapd/session.c imapd/session.h imapd/sleep.c imapd/sleep.h \
	imapd/sync.c imapd/sync.h imapd/view.c imapd/view.h

IMAPD_LIBS = imapd/libimapd.a $(IMAP_LIB) $(STORE_LIB) $(MAIL_LIB) $(IPC_LIB) $(EVENT_LIB) $(SYS_LIB) \
	$(BASE_LIB) $(EVENT_LIBS) \
	$(UNISTRING_LIBS)

if HAVE_CMOCKA
imapd_tests = tests/unit/imapd/test_message tests/unit/imapd/test_view
check_PROGRAMS += $(imapd_tests)
TESTS += $(imapd_tests)
endif
tests_unit_imapd_test_view_SOURCES = tests/unit/imapd/test_view.c tests/unit/unit.h
tests_unit_imapd_test_view_LDADD = $(IMAPD_LIBS) $(CMOCKA_LIBS)
tests_unit_imapd_test_message_SOURCES = tests/unit/imapd/test_message.c tests/unit/unit.h
tests_unit_imapd_test_message_LDADD = $(IMAPD_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/transcripts/test_imap
TESTS += tests/transcripts/test_imap
tests_transcripts_test_imap_SOURCES = tests/transcripts/test_imap.c
tests_transcripts_test_imap_LDADD = $(TRANSCRIPT_LIB) $(IMAPD_LIBS)

fuzz_targets += tests/fuzz/fuzz_imap_view
tests_fuzz_fuzz_imap_view_SOURCES = tests/fuzz/fuzz_imap_view.c $(FUZZ_MAIN)
tests_fuzz_fuzz_imap_view_LDADD = $(IMAPD_LIBS) $(FUZZ_LIBS)

fuzz_targets += tests/fuzz/fuzz_imap_session
tests_fuzz_fuzz_imap_session_SOURCES = tests/fuzz/fuzz_imap_session.c tests/fuzz/fuzz_mailbox.h \
	$(FUZZ_MAIN)
tests_fuzz_fuzz_imap_session_LDADD = $(IMAPD_LIBS) $(FUZZ_LIBS)

daemon_PROGRAMS += imapd/imapd
imapd_imapd_SOURCES = imapd/main.c imapd/params.def
imapd_imapd_LDADD = imapd/libimapd.a $(IMAP_LIB) $(STORE_LIB) $(MAIL_LIB) $(DAEMON_LIBS) \
	$(UNISTRING_LIBS)
EXTRA_DIST += imapd/README.md
