# Without delay each list is judged when its command comes.
conf smtpd_delay_reject = no
conf smtpd_helo_restrictions = reject_invalid_helo_hostname
conf smtpd_sender_restrictions = check_sender_access inline:{{spam.example=REJECT no thanks}}
S: 220
E: connect
C: HELO a@b
E= NOQUEUE: reject: HELO from client.test[127.0.0.1]: 501 5.5.2 <a@b>: Helo command rejected: Invalid name; proto=SMTP helo=<a@b>
S= 501 5.5.2 <a@b>: Helo command rejected: Invalid name
C: HELO b
S: 250
C: MAIL FROM:<x@sub.spam.example>
E= NOQUEUE: reject: MAIL from client.test[127.0.0.1]: 554 5.7.1 <x@sub.spam.example>: Sender address rejected: no thanks; from=<x@sub.spam.example> proto=SMTP helo=<b>
S= 554 5.7.1 <x@sub.spam.example>: Sender address rejected: no thanks
C: MAIL FROM:<x@y.example>
S: 250
