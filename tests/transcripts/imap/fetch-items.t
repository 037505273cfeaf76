# Simple items, macros, and their order in the answer.
S: l1 OK
event deliver INBOX Date: Mon, 1 Jan 2024 00:00:00 +0000\nFrom: a@b\nSubject: s\n\nhello\nworld\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S= * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 FETCH 1 (FLAGS UID RFC822.SIZE INTERNALDATE)
S= * 1 FETCH (FLAGS (\Recent) UID 1 RFC822.SIZE 77 INTERNALDATE "03-Feb-2001 04:05:06 +0000")
S= a2 OK Fetch completed.
C: a3 UID FETCH 1:* FLAGS
S= * 1 FETCH (UID 1 FLAGS (\Recent))
S= a3 OK Fetch completed.
C: a4 FETCH * ALL
S= * 1 FETCH (FLAGS (\Recent) INTERNALDATE "03-Feb-2001 04:05:06 +0000" RFC822.SIZE 77 ENVELOPE ("Mon, 1 Jan 2024 00:00:00 +0000" "s" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL))
S: a4 OK
C: a5 FETCH 1 (BODY BODYSTRUCTURE)
S= * 1 FETCH (BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 14 2) BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 14 2 NIL NIL NIL NIL))
S: a5 OK
C: a6 FETCH 2 FLAGS
S= a6 BAD Error in IMAP command FETCH: Invalid messageset.
C: a7 FETCH 0 FLAGS
S= a7 BAD Error in IMAP command FETCH: Invalid messageset.
C: a8 UID FETCH 0,7:9 FLAGS
S= a8 OK Fetch completed.
C: a9 FETCH 1 (FOO)
S= a9 BAD Error in IMAP command FETCH: Unknown FETCH parameter.
C: a10 FETCH 1
S= a10 BAD Error in IMAP command FETCH: Missing FETCH items.
C: a11 UID FETCH x FLAGS
S= a11 BAD Error in IMAP command UID FETCH: Invalid uidset.
