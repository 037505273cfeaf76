# What a table asks for and cannot be done: the mail is put off, and the log says why.
conf smtpd_sender_restrictions = check_sender_access inline:{{f@y.example=FILTER smtp:[127.0.0.1]:10025}, {r@y.example=REDIRECT bob@demo.test}}
conf smtpd_end_of_data_restrictions = check_sender_access inline:{{h@y.example=HOLD}}
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<f@y.example>
C: RCPT TO:<alice@demo.test>
E= warning: access table: unknown action or restriction: FILTER
E: NOQUEUE: reject: RCPT
S: 250
S= 451 4.3.5 Server configuration error
C: RSET
S: 250
C: MAIL FROM:<r@y.example>
C: RCPT TO:<alice@demo.test>
E= warning: access table: unknown action or restriction: REDIRECT
E: NOQUEUE: reject: RCPT
S: 250
S: 451
C: RSET
S: 250
C: MAIL FROM:<h@y.example>
C: RCPT TO:<alice@demo.test>
C: DATA
E: cleanup: open flags=0
E: QID1: client
S: 250
S: 250
S: 354
C: .
E= warning: access table: HOLD comes too late in smtpd_end_of_data_restrictions
E= QID1: reject: END-OF-MESSAGE from client.test[127.0.0.1]: 451 4.3.5 Server configuration error; from=<h@y.example> to=<alice@demo.test> proto=SMTP helo=<h>
E= cleanup: abort
S= 451 4.3.5 Server configuration error
