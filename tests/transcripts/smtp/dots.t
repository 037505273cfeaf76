# Dot-stuffing, and lines that are nearly the end.
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: DATA
E: mail
E: rcpt
S: 250
S: 250
S: 354
C: ..
C: ..a
C: .b
C: a.
C: ...
C:
C~ .\r.\r\n
C~ .\r\r\n
C: . 
C: .
E= message from=<x@y.example> to=<a@demo.test> bytes=21: .|.a|b|a.|..|| .| | |
S= 250 2.0.0 Ok: queued as QID1
