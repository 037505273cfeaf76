conf smtpd_data_restrictions = reject_multi_recipient_bounce
conf smtpd_end_of_data_restrictions = check_sender_access inline:{{late.example=REJECT too late}}
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: RCPT TO:<bob@demo.test>
C: DATA
E= NOQUEUE: reject: DATA from client.test[127.0.0.1]: 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce; from=<> proto=SMTP helo=<h>
S: 250
S: 250
S: 250
S= 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce
C: RSET
S: 250
C: MAIL FROM:<a@late.example>
C: RCPT TO:<alice@demo.test>
C: DATA
E: cleanup: open
E: QID1: client
S: 250
S: 250
S: 354
C: .
E= QID1: reject: END-OF-MESSAGE from client.test[127.0.0.1]: 554 5.7.1 <a@late.example>: Sender address rejected: too late; from=<a@late.example> to=<alice@demo.test> proto=SMTP helo=<h>
E= cleanup: abort
S= 554 5.7.1 <a@late.example>: Sender address rejected: too late
C: MAIL FROM:<>
S: 250
