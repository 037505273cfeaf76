conf smtpd_forbid_bare_newline = reject
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<alice@demo.test>
C: DATA
E: cleanup: open
E: QID1: client
S: 250
S: 250
S: 354
C~ a\nb\r\n.\r\n
E= QID1: reject: END-OF-MESSAGE from client.test[127.0.0.1]: bare <LF> received; from=<x@y.example> to=<alice@demo.test> proto=SMTP helo=<h>
E= cleanup: abort
S= 550 5.5.2 mx.demo.test Error: bare <LF> received
