S: l1 OK
event deliver INBOX A: 1\n\n
event deliver INBOX A: 2\n\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S: * 2 EXISTS
S: * 2 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 STORE 1 +FLAGS (foo \Deleted)
S= * FLAGS (\Answered \Flagged \Deleted \Seen \Draft foo)
S= * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft foo \*)] Flags permitted.
S= * 1 FETCH (FLAGS (\Deleted \Recent foo))
S= a2 OK Store completed.
C: a3 STORE 1:2 FLAGS.SILENT (\Seen FOO)
S= a3 OK Store completed.
C: a4 FETCH 1:2 FLAGS
S= * 1 FETCH (FLAGS (\Seen \Recent foo))
S= * 2 FETCH (FLAGS (\Seen \Recent foo))
S: a4 OK
C: a5 UID STORE 2 -FLAGS \Seen foo nothere
S= * 2 FETCH (UID 2 FLAGS (\Recent))
S: a5 OK
C: a6 UID STORE 9 +FLAGS (\Seen)
S: a6 OK
C: a7 STORE 1 +FLAGS (\Recent)
S= a7 BAD Error in IMAP command STORE: Invalid system flag.
C: a8 STORE 1 FOO (\Seen)
S: a8 BAD
C: a9 STORE 3 FLAGS (\Seen)
S: a9 BAD
C: a10 STORE 1 +FLAGS ()
S= * 1 FETCH (FLAGS (\Seen \Recent foo))
S: a10 OK
C: b1 EXAMINE INBOX
S: * OK [CLOSED]
S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft foo)
S: * OK [PERMANENTFLAGS ()]
S: * 2 EXISTS
S: * 0 RECENT
S: * OK [UNSEEN 2]
S: * OK
S: * OK
S: b1 OK [READ-ONLY]
C: b2 STORE 1 FLAGS ()
S: b2 NO
C: b3 FETCH 1 FLAGS
S= * 1 FETCH (FLAGS (\Seen foo))
S: b3 OK
