# Reading a body sets \Seen, told in the same answer; PEEK and a read-only mailbox do not.
S: l1 OK
event deliver INBOX A: b\n\nx\n
event deliver INBOX A: b\n\ny\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S: * 2 EXISTS
S: * 2 RECENT
S: * OK [UNSEEN 1]
S: * OK
S: * OK
S: a1 OK
C: a2 FETCH 1 BODY.PEEK[TEXT]
S= * 1 FETCH (BODY[TEXT] {3}
S= x
S= )
S: a2 OK
C: a3 FETCH 1 (UID BODY[TEXT])
S= * 1 FETCH (UID 1 FLAGS (\Seen \Recent) BODY[TEXT] {3}
S= x
S= )
S: a3 OK
C: a4 FETCH 1 (UID BODY[TEXT])
S= * 1 FETCH (UID 1 BODY[TEXT] {3}
S= x
S= )
S: a4 OK
C: a5 FETCH 2 (BODY[TEXT] FLAGS)
S= * 2 FETCH (BODY[TEXT] {3}
S= y
S=  FLAGS (\Seen \Recent))
S: a5 OK
