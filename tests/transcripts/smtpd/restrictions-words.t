conf smtpd_client_restrictions = warn_if_reject, reject_unknown_client_hostname
conf smtpd_helo_restrictions = reject_non_fqdn_helo_hostname
conf smtpd_sender_restrictions = reject_non_fqdn_sender
conf smtpd_recipient_restrictions = reject_non_fqdn_recipient, permit
conf resolver = none
conf smtpd_hard_error_limit = 50
E= connect from unknown[127.0.0.1]
S: 220
C: HELO h
S: 250
C: MAIL FROM:<x@y>
S: 250
C: RCPT TO:<alice@demo.test>
E= NOQUEUE: reject_warning: RCPT from unknown[127.0.0.1]: 450 4.7.25 Client host rejected: cannot find your hostname, [127.0.0.1]; from=<x@y> to=<alice@demo.test> proto=SMTP helo=<h>
E= NOQUEUE: reject: RCPT from unknown[127.0.0.1]: 504 5.5.2 <h>: Helo command rejected: need fully-qualified hostname; from=<x@y> to=<alice@demo.test> proto=SMTP helo=<h>
S= 504 5.5.2 <h>: Helo command rejected: need fully-qualified hostname
C: HELO h.example
S: 250
C: MAIL FROM:<x@y>
S: 250
C: RCPT TO:<alice@demo.test>
E: NOQUEUE: reject_warning
E: NOQUEUE: reject: RCPT
S= 504 5.5.2 <x@y>: Sender address rejected: need fully-qualified address
C: RSET
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<alice>
E: NOQUEUE: reject_warning
E: NOQUEUE: reject: RCPT
S= 504 5.5.2 <alice>: Recipient address rejected: need fully-qualified address
C: RCPT TO:<alice@demo.test>
E: NOQUEUE: reject_warning
S= 250 2.1.5 Ok
