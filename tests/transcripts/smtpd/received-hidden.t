conf smtpd_hide_client_session = yes
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<é@y.example> SMTPUTF8
C: RCPT TO:<alice@demo.test>
C: DATA
C: .
E: cleanup: open
E: QID1
E: cleanup: from
E: cleanup: to
E: cleanup: commit hops=0: Received: by mx.demo.test (Postfix) id QID1|\x09for <alice@demo.test>; Tue,
S: 250
S: 250
S: 354
S: 250
