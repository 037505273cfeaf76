# BDAT: sizes rule, dots and commands in content mean nothing. (RFC 3030)
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
E: mail
E: rcpt
S: 250
S: 250
C: BDAT 10
C~ .\r\nQUIT\r\n.
S= 250 2.0.0 Ok: 10 bytes
C: BDAT 7 last
C~ \r\n..a\r\n
E= message from=<x@y.example> to=<a@demo.test> bytes=13: .|QUIT|.|..a|
S= 250 2.0.0 Ok: 17 bytes queued as QID1
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: BDAT 4 LAST
C~ a\r\nbMAIL FROM:<>\r\n
E: mail
E: rcpt
E= message from=<x@y.example> to=<a@demo.test> bytes=4: a|b|
E: mail <>
S: 250
S: 250
S= 250 2.0.0 Ok: 4 bytes queued as QID2
S= 250 2.1.0 Ok
