# HELO is a stranger's text: it cannot change the structure of the field. Without EHLO there is no
# word for TLS or AUTH.
conf smtpd_sasl_auth_enable = yes
S: 220
E: connect
C: HELO a) by <evil>; (x
S: 250
C: MAIL FROM:<é@y.example> SMTPUTF8
C: RCPT TO:<alice@demo.test>
C: DATA
C: .
E: cleanup: open
E: QID1
E: cleanup: from
E: cleanup: to
E: cleanup: commit hops=0: Received: from a??by??evil????x (client.test [127.0.0.1])|\x09by mx.demo.test (Postfix) with UTF8SMTP id QID1|
S: 250
S: 250
S: 354
S: 250
C: HELO [192.0.2.1]
S: 250
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S: 235
C: MAIL FROM:<a@y.example>
C: RCPT TO:<alice@demo.test>
C: DATA
C: .
E: cleanup: open
E: QID2
E: cleanup: from
E: cleanup: to
E: cleanup: commit hops=0: Received: from [192.0.2.1] (client.test [127.0.0.1])|\x09by mx.demo.test (Postfix) with SMTP id QID2|
S: 250
S: 250
S: 354
S: 250
