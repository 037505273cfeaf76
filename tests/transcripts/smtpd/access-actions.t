# HOLD and PREPEND change what happens to the message.
conf smtpd_helo_restrictions = check_helo_access inline:{{h=PREPEND X-Helo: h}}
conf smtpd_sender_restrictions = check_sender_access inline:{{x@y.example=PREPEND X-Seen: yes}, {z@y.example=HOLD}, {y.example=PREPEND no field}}
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<alice@demo.test>
C: RCPT TO:<bob@demo.test>
C: DATA
E: cleanup: open flags=0
E: QID1: client
S: 250
S: 250
S: 250
S: 354
C: a: b
C: .
E: cleanup: from
E: cleanup: to
E: cleanup: to
E: cleanup: commit hops=0: X-Helo: h|X-Seen: yes|Received: from h
S: 250
C: MAIL FROM:<z@y.example>
C: RCPT TO:<alice@demo.test>
C: DATA
E= NOQUEUE: hold: RCPT from client.test[127.0.0.1]: <z@y.example>: Sender address triggers HOLD action; from=<z@y.example> to=<alice@demo.test> proto=SMTP helo=<h>
E: cleanup: open flags=16
E: QID2: client
S: 250
S: 250
S: 354
C: .
E: cleanup: from
E: cleanup: to
E: cleanup: commit hops=0: X-Helo: h|Received: from h
S: 250
C: MAIL FROM:<a@y.example>
C: RCPT TO:<alice@demo.test>
E= warning: access table: PREPEND without a header field: no field
S: 250
S: 250
