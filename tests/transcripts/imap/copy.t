S: l1 OK
event deliver INBOX A: 1\n\n
event deliver INBOX A: 2\n\n
event deliver INBOX A: 3\n\n
C~ a1 CREATE box\r\na2 SELECT INBOX\r\n
S: a1 OK
S: * FLAGS
S: * OK
S: * 3 EXISTS
S: * 3 RECENT
S: * OK
S: * OK
S: * OK
S: a2 OK
C: a3 STORE 2 +FLAGS.SILENT (\Flagged kw)
S: * FLAGS
S: * OK
S: a3 OK
C: a4 COPY 1:2 box
S= a4 OK [COPYUID 2130706433 1:2 1:2] Copy completed.
C: a5 UID COPY 3,1 box
S= a5 OK [COPYUID 2130706433 1,3 3:4] Copy completed.
C: a6 COPY 1 nix
S= a6 NO [TRYCREATE] Mailbox doesn't exist: nix
C: a7 UID COPY 9 box
S= a7 OK No messages found.
C: a8 COPY 4 box
S: a8 BAD
C: a9 COPY 3 INBOX
S= * 4 EXISTS
S= * 4 RECENT
S= a9 OK [COPYUID 2130706434 3 4] Copy completed.
C: b1 SELECT box
S: * OK [CLOSED]
S= * FLAGS (\Answered \Flagged \Deleted \Seen \Draft kw)
S: * OK
S: * 4 EXISTS
S= * 4 RECENT
S: * OK
S: * OK
S: * OK
S: b1 OK
C: b2 FETCH 1:* (FLAGS BODY.PEEK[HEADER])
S= * 1 FETCH (FLAGS (\Recent) BODY[HEADER] {8}
S= A: 1
S= 
S= )
S= * 2 FETCH (FLAGS (\Flagged \Recent kw) BODY[HEADER] {8}
S= A: 2
S= 
S= )
S= * 3 FETCH (FLAGS (\Recent) BODY[HEADER] {8}
S= A: 1
S= 
S= )
S= * 4 FETCH (FLAGS (\Recent) BODY[HEADER] {8}
S= A: 3
S= 
S= )
S: b2 OK
