S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example> smtputf8 body=8bitmime size=1000 ret=full envid=a+2Bb AUTH=u+40v
E= mail <x@y.example> size=1000 encoding=8 utf8=1 ret=1 envid=a+b auth=1u@v
S= 250 2.1.0 Ok
C: RCPT TO:<alice@demo.test> NOTIFY=success,DELAY ORCPT=rfc822;a+2Bb@c.example
E= rcpt <alice@demo.test> notify=10 orcpt=rfc822;a+b@c.example
S= 250 2.1.5 Ok
C: RCPT TO:<bob@demo.test> ORCPT=utf-8;é@c.example NOTIFY=NEVER
E= rcpt <bob@demo.test> notify=1 orcpt=utf-8;é@c.example
S= 250 2.1.5 Ok
C: RSET
E= abort
S= 250 2.0.0 Ok
