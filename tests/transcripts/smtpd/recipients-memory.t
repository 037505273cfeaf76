# Whoever is accepted is kept: when there is no memory for a recipient, it is told so.
conf memory = 250
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
C~ RCPT TO:<bob@demo.test> ORCPT=rfc822;\<400*x>\r\n
E: NOQUEUE: reject: RCPT from client.test[127.0.0.1]: 452 4.5.3 Error: too many recipients;
S= 452 4.5.3 Error: too many recipients
C: RCPT TO:<bob@demo.test>
S: 250
C: RCPT TO:<bob@demo.test>
C: RCPT TO:<bob@demo.test>
E: NOQUEUE: reject
E: NOQUEUE: reject
S: 452
S: 452
C: DATA
C: .
E: cleanup: open
E: QID1
E: cleanup: from
E: cleanup: to=<alice@demo.test>
E: cleanup: to=<bob@demo.test>
E: cleanup: commit hops=0: Received: from h
S: 354
S: 250
