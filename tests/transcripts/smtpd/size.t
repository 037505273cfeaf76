conf message_size_limit = 1000
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<> SIZE=1001
E= NOQUEUE: reject: MAIL from client.test[127.0.0.1]: 552 5.3.4 Message size exceeds fixed limit; from=<> proto=SMTP helo=<h>
S= 552 5.3.4 Message size exceeds fixed limit
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
E: cleanup: open
E: QID1: client
S: 250
S: 250
S: 354
C~ \<1100*x>\r\n.\r\n
E= warning: QID1: queue file size limit exceeded
E= cleanup: abort
S= 552 5.3.4 Error: message file too big
C: NOOP
S: 250
