# Bare LF ends a line but never the message, on either side of the dot. (CVE-2023-51764)
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
C~ x\n.\r\nMAIL FROM:<evil@y.example>\r\n
C~ y\r\n.\nRCPT TO:<evil@demo.test>\r\n
C~ z\n.\nDATA\r\n
C~ \r\n.\rq\r\n.\r\r\nr\r.\r\n\r.\rs\r\n
C~ ..\nt\n..u\r\n.\r\n
E: /^message from=<x@y.example> to=<a@demo.test> bytes=[0-9]*: x\|MAIL FROM:<evil@y.example>\|y\|RCPT TO:<evil@demo.test>\|z\|DATA\|\| q\| \|r \.\| \. s\|\.\|t\|\.u\|$/
S= 250 2.0.0 Ok: queued as QID1
C: QUIT
E= close helo=1 mail=1 rcpt=1 data=1 quit=1 commands=5 notes=bare_lf
S: 221
