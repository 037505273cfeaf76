# A stranger may send to our domains only. The default answer is temporary, as in Postfix.
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<a@other.example>
E= NOQUEUE: reject: RCPT from client.test[127.0.0.1]: 454 4.7.1 <a@other.example>: Relay access denied; from=<x@y.example> to=<a@other.example> proto=SMTP helo=<h>
S= 454 4.7.1 <a@other.example>: Relay access denied
C: RCPT TO:<a%other.example@demo.test>
E= NOQUEUE: reject: RCPT from client.test[127.0.0.1]: 454 4.7.1 <a%other.example@demo.test>: Relay access denied; from=<x@y.example> to=<a%other.example@demo.test> proto=SMTP helo=<h>
S: 454
C: RCPT TO:<a@other.example@demo.test>
E: warning: Illegal address syntax
S: 501
C: RCPT TO:<"a@other.example"@demo.test>
E: NOQUEUE: reject
S= 454 4.7.1 <a@other.example@demo.test>: Relay access denied
C: RCPT TO:<other.example!a@demo.test>
E: NOQUEUE: reject
S: 454
C: RCPT TO:<@other.example:alice@demo.test>
S: 250 2.1.5
C: RCPT TO:<ed%other.example@relay.test>
E: NOQUEUE: reject
S= 454 4.7.1 <ed%other.example@relay.test>: Relay access denied
