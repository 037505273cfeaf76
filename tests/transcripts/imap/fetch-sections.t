# Every kind of section, of a message with an embedded message, stored with LF.
S: l1 OK
event deliver INBOX From: a@b\nX-Long: one\n two\nContent-Type: multipart/mixed; boundary=B\n\npre\n--B\nContent-Type: text/plain\n\npart one\n--B\nContent-Type: message/rfc822\n\nSubject: in\nTo: c@d\n\ninner\n--B--\n
C: a1 EXAMINE INBOX
S: * FLAGS
S: * OK
S: * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: b1 FETCH 1 BODY[1]
S= * 1 FETCH (BODY[1] {8}
S= part one)
S: b1 OK
C: b2 FETCH 1 BODY[1.MIME]
S= * 1 FETCH (BODY[1.MIME] {28}
S= Content-Type: text/plain
S= 
S= )
S: b2 OK
C: b3 FETCH 1 (BODY[2.HEADER] BODY[2.TEXT])
S= * 1 FETCH (BODY[2.HEADER] {24}
S= Subject: in
S= To: c@d
S= 
S=  BODY[2.TEXT] {5}
S= inner)
S: b3 OK
C: b4 FETCH 1 (BODY[2] BODY[2.1])
S= * 1 FETCH (BODY[2] {29}
S= Subject: in
S= To: c@d
S= 
S= inner BODY[2.1] {5}
S= inner)
S: b4 OK
C: b5 FETCH 1 BODY[HEADER.FIELDS (x-long "FROM" nope)]
S= * 1 FETCH (BODY[HEADER.FIELDS (x-long FROM nope)] {32}
S= From: a@b
S= X-Long: one
S=  two
S= 
S= )
S: b5 OK
C: b6 FETCH 1 (BODY[2.HEADER.FIELDS.NOT (Subject)])
S= * 1 FETCH (BODY[2.HEADER.FIELDS.NOT (Subject)] {11}
S= To: c@d
S= 
S= )
S: b6 OK
C: b7 FETCH 1 (BODY[3] BODY[1.HEADER] BODY[2.7])
S= * 1 FETCH (BODY[3] {0}
S=  BODY[1.HEADER] {0}
S=  BODY[2.7] {0}
S= )
S: b7 OK
C: b8 FETCH 1 RFC822.HEADER
S= * 1 FETCH (RFC822.HEADER {75}
S= From: a@b
S= X-Long: one
S=  two
S= Content-Type: multipart/mixed; boundary=B
S= 
S= )
S: b8 OK
