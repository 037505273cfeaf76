S: l1 OK
event deliver INBOX A: 1\n\n
event deliver INBOX A: 2\n\n
event deliver INBOX A: 3\n\n
event deliver INBOX A: 4\n\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S: * 4 EXISTS
S: * 4 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 STORE 1:3 +FLAGS.SILENT (\Deleted)
S: a2 OK
C: a3 UID EXPUNGE 2:9
S= * 3 EXPUNGE
S= * 2 EXPUNGE
S= a3 OK Expunge completed.
C: a4 FETCH 1:* UID
S= * 1 FETCH (UID 1)
S= * 2 FETCH (UID 4)
S: a4 OK
C: a5 EXPUNGE
S= * 1 EXPUNGE
S= a5 OK Expunge completed.
C: a6 STORE 1 +FLAGS (\Deleted)
S= * 1 FETCH (FLAGS (\Deleted \Recent))
S: a6 OK
C: a7 UNSELECT
S= a7 OK Unselect completed.
C: a8 EXAMINE INBOX
S: * FLAGS
S: * OK
S= * 1 EXISTS
S: * 0 RECENT
S: * OK
S: * OK
S: * OK
S: a8 OK
C~ b1 EXPUNGE\r\nb2 CLOSE\r\nb3 STATUS INBOX (MESSAGES UIDNEXT)\r\n
S= b1 OK Expunge completed.
S= b2 OK Close completed.
S= * STATUS INBOX (MESSAGES 1 UIDNEXT 5)
S: b3 OK
C~ c1 SELECT INBOX\r\nc2 CLOSE\r\nc3 STATUS INBOX (MESSAGES)\r\nc4 CLOSE\r\n
S: * FLAGS
S: * OK
S= * 1 EXISTS
S: * 0 RECENT
S: * OK
S: * OK
S: * OK
S: c1 OK
S= c2 OK Close completed.
S= * STATUS INBOX (MESSAGES 0)
S: c3 OK
S= c4 BAD No mailbox selected.
