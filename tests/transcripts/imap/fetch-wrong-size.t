# The name of the file lies about the size; the literal does not, and from then on nor do we.
S: l1 OK
event file cur 1.M1P1.host,S=3,W=5:2,S A: b\n\nx\ny\n
C: a1 EXAMINE INBOX
S: * FLAGS
S: * OK
S: * 1 EXISTS
S: * 0 RECENT
S: * OK
S: * OK
S: a1 OK
C: a2 FETCH 1 (RFC822.SIZE BODY.PEEK[])
S= * 1 FETCH (RFC822.SIZE 5 BODY[] {14}
S= A: b
S= 
S= x
S= y
S= )
S: a2 OK
C: a3 FETCH 1 RFC822.SIZE
S= * 1 FETCH (RFC822.SIZE 14)
S: a3 OK
