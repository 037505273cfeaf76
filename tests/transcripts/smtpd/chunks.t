S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<> RET=HDRS ENVID=e1
C: RCPT TO:<alice@demo.test> NOTIFY=DELAY ORCPT=rfc822;a
C: RCPT TO:<bob@demo.test>
C: BDAT 7
C~ A: b\r\n\r
C: BDAT 5 LAST
C~ \nbody
E: cleanup: open
E: QID1: client
E: /^cleanup: from=<> .* ret=2 envid=e1/
E= cleanup: to=<alice@demo.test> notify=8 orcpt=rfc822;a
E= cleanup: to=<bob@demo.test> notify=0 orcpt=
E= cleanup: commit hops=0: Received: from h (client.test [127.0.0.1])|\x09by mx.demo.test (Postfix) with SMTP id QID1;|\x09Tue, 01 Sep 2026 10:00:00 +0000 (UTC)|A: b||body|
S: 250
S: 250
S: 250
S= 250 2.0.0 Ok: 7 bytes
S= 250 2.0.0 Ok: 12 bytes queued as QID1
