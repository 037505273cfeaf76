# Lists that run once for a message know its recipient when it has but one.
conf smtpd_data_restrictions = check_recipient_access inline:{{bob@demo.test=REJECT not bob}}
conf smtpd_end_of_data_restrictions = check_recipient_access inline:{{postmaster@=REJECT at the end}}
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
C: RCPT TO:<bob@demo.test>
C: DATA
E= NOQUEUE: reject: DATA from client.test[127.0.0.1]: 554 5.7.1 <bob@demo.test>: Recipient address rejected: not bob; from=<> to=<bob@demo.test> proto=SMTP helo=<h>
S: 250
S: 250
S= 554 5.7.1 <bob@demo.test>: Recipient address rejected: not bob
C: RCPT TO:<alice@demo.test>
C: DATA
E: cleanup: open
E: QID1: client
S: 250
S: 354
C: .
E: cleanup: from
E: cleanup: to
E: cleanup: to
E: cleanup: commit
S: 250
C: MAIL FROM:<a@y.example>
C: RCPT TO:<postmaster>
C: DATA
E: cleanup: open
E: QID2: client
S: 250
S: 250
S: 354
C: .
E= QID2: reject: END-OF-MESSAGE from client.test[127.0.0.1]: 554 5.7.1 <postmaster>: Recipient address rejected: at the end; from=<a@y.example> to=<postmaster> proto=SMTP helo=<h>
E= cleanup: abort
S: 554
