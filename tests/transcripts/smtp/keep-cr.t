conf keeps_cr = yes
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: DATA
C~ a\rb\r\r\n\r\n.\r\n
E: mail
E: rcpt
E= message from=<x@y.example> to=<a@demo.test> bytes=6: a\x0db\x0d||
S: 250
S: 250
S: 354
S: 250
