# One message, command by command.
S= 220 mx.demo.test ESMTP Postfix
C: EHLO client.test
S= 250-mx.demo.test
S= 250-PIPELINING
S= 250-SIZE 10240000
S= 250-VRFY
S= 250-STARTTLS
S= 250-ENHANCEDSTATUSCODES
S= 250-8BITMIME
S= 250-DSN
S= 250-SMTPUTF8
S= 250 CHUNKING
C: MAIL FROM:<x@y.example>
E= mail <x@y.example> size=0 encoding=0 utf8=0 ret=0 envid= auth=0
S= 250 2.1.0 Ok
C: RCPT TO:<alice@demo.test>
E= rcpt <alice@demo.test> notify=0 orcpt=
S= 250 2.1.5 Ok
C: DATA
S= 354 End data with <CR><LF>.<CR><LF>
C: Subject: hello
C:
C: body
C: .
E= message from=<x@y.example> to=<alice@demo.test> bytes=21: Subject: hello||body|
S= 250 2.0.0 Ok: queued as QID1
C: QUIT
S= 221 2.0.0 Bye
E= close ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
closed
