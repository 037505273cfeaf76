# What others do is told behind the next command, but EXPUNGE never behind FETCH, STORE or SEARCH by
# number.
S: l1 OK
event deliver INBOX A: 1\n\nx\n
event deliver INBOX A: 2\n\n
event deliver INBOX A: 3\n\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S: * 3 EXISTS
S: * 3 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
event gone INBOX 1
C: b1 FETCH 2 FLAGS
S= * 2 FETCH (FLAGS (\Recent))
S= b1 OK Fetch completed.
C: b2 SEARCH ALL
S= * SEARCH 2 3
S: b2 OK
C: b3 STORE 2 +FLAGS.SILENT (\Seen)
S= b3 OK Store completed.
C: b4 FETCH 1 BODY.PEEK[]
S= b4 NO [EXPUNGEISSUED] Some of the requested messages no longer exist.
C: b5 STORE 1 +FLAGS (\Seen)
S= b5 NO [EXPUNGEISSUED] Some of the messages no longer exist.
C: b6 COPY 1 INBOX
S= * 1 EXPUNGE
S= b6 NO [EXPUNGEISSUED] Some of the requested messages no longer exist.
event gone INBOX 1
C: b7 UID FETCH 3 FLAGS
S= * 2 FETCH (UID 3 FLAGS (\Recent))
S= * 1 EXPUNGE
S= b7 OK Fetch completed.
event flags INBOX 1 FS
event deliver INBOX A: 4\n\n
C: b8 NOOP
S= * 2 EXISTS
S= * 2 RECENT
S= * 1 FETCH (FLAGS (\Flagged \Seen \Recent))
S= b8 OK NOOP completed.
C: b9 CHECK
S= b9 OK Check completed.
