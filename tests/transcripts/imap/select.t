# What SELECT tells, in Dovecot's order; RECENT only once.
S= l1 OK [CAPABILITY IMAP4rev1 IDLE] Logged in
event deliver INBOX Subject: one\n\nhello\n
C: a1 SELECT INBOX
S= * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
S= * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags permitted.
S= * 1 EXISTS
S= * 1 RECENT
S= * OK [UNSEEN 1] First unseen.
S= * OK [UIDVALIDITY 2130706433] UIDs valid
S= * OK [UIDNEXT 2] Predicted next UID
S= a1 OK [READ-WRITE] Select completed.
C: a2 SELECT inbox
S= * OK [CLOSED] Previous mailbox closed.
S: * FLAGS
S: * OK [PERMANENTFLAGS
S= * 1 EXISTS
S= * 0 RECENT
S= * OK [UNSEEN 1] First unseen.
S: * OK [UIDVALIDITY
S: * OK [UIDNEXT 2]
S: a2 OK
C: a3 EXAMINE INBOX
S: * OK [CLOSED]
S: * FLAGS
S= * OK [PERMANENTFLAGS ()] Read-only mailbox.
S= * 1 EXISTS
S= * 0 RECENT
S: * OK [UNSEEN 1]
S: * OK [UIDVALIDITY
S: * OK [UIDNEXT 2]
S= a3 OK [READ-ONLY] Examine completed.
C: a4 SELECT nix
S: * OK [CLOSED]
S= a4 NO [NONEXISTENT] Mailbox doesn't exist: nix
C: a5 FETCH 1 FLAGS
S= a5 BAD No mailbox selected.
C: a6 LOGOUT
S= * BYE Logging out
S= a6 OK Logout completed.
closed
E: Disconnected: Logged out in=
