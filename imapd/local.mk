# imapd: the session as an archive, so that tests run it without the daemon around it
noinst_LIBRARIES += imapd/libimapd.a
imapd_libimapd_a_SOURCES = \
	imapd/cmd_any.c imapd/cmd_append.c imapd/cmd_copy.c \
	imapd/cmd_fetch.c imapd/cmd_list.c imapd/cmd_mailbox.c imapd/cmd_search.c \
	imapd/cmd_select.c imapd/cmd_store.c imapd/command.c imapd/commands.h \
	imapd/match.c imapd/match.h imapd/match_text.c imapd/match_text.h \
	imapd/message.c imapd/message.h imapd/session.c imapd/session.h imapd/sync.c imapd/sync.h
