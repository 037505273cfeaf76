# One message from a stranger to a local user.
E= connect from client.test[127.0.0.1]
S= 220 mx.demo.test ESMTP Postfix
C: EHLO host.test
S= 250-mx.demo.test
S= 250-PIPELINING
S= 250-SIZE 10240000
S= 250-VRFY
S= 250-ENHANCEDSTATUSCODES
S= 250-8BITMIME
S= 250-DSN
S= 250-SMTPUTF8
S= 250 CHUNKING
C: MAIL FROM:<x@y.example>
S= 250 2.1.0 Ok
C: RCPT TO:<alice@demo.test>
S= 250 2.1.5 Ok
C: DATA
E= cleanup: open flags=0
E= QID1: client=client.test[127.0.0.1]
S= 354 End data with <CR><LF>.<CR><LF>
C: Subject: a
C: Message-Id: <m@y.example>
C: Bcc: secret@y.example
C: Received: from elsewhere
C:
C: body
C: ..
C: .
E= cleanup: from=<x@y.example> client=client.test[127.0.0.1] ESMTP helo=host.test sasl= id=<m@y.example> ret=0 envid=
E= cleanup: to=<alice@demo.test> notify=0 orcpt=
E= cleanup: commit hops=1: Received: from host.test (client.test [127.0.0.1])|\x09by mx.demo.test (Postfix) with ESMTP id QID1|\x09for <alice@demo.test>; Tue, 01 Sep 2026 10:00:00 +0000 (UTC)|Subject: a|Message-Id: <m@y.example>|Received: from elsewhere||body|.|
S= 250 2.0.0 Ok: queued as QID1
C: QUIT
S= 221 2.0.0 Bye
E= disconnect from client.test[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5
E= anvil: disconnect smtp:127.0.0.1
closed
