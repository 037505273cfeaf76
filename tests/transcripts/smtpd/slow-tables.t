# Tables in another process: the decision waits, pipelined commands too.
conf smtpd_recipient_restrictions = check_recipient_access proxy:hash:/slow
conf smtpd_sender_restrictions = warn_if_reject, check_sender_access proxy:hash:/slow2
conf relay_domains = bad.test, broken.test
conf relay_recipient_maps = proxy:hash:/slow3
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<x@bad.example>
C: RCPT TO:<bad@demo.test>
C: RCPT TO:<alice@demo.test>
C: RCPT TO:<broken@demo.test>
C: NOOP
E= NOQUEUE: reject_warning: RCPT from client.test[127.0.0.1]: 554 5.7.1 <x@bad.example>: Sender address rejected: Access denied; from=<x@bad.example> to=<bad@demo.test> proto=SMTP helo=<h>
E= NOQUEUE: reject: RCPT from client.test[127.0.0.1]: 554 5.7.1 <bad@demo.test>: Recipient address rejected: Access denied; from=<x@bad.example> to=<bad@demo.test> proto=SMTP helo=<h>
E: NOQUEUE: reject_warning: RCPT
E: NOQUEUE: reject_warning: RCPT
E: warning: proxy:hash:/slow: 
E: NOQUEUE: reject: RCPT
S: 250
S= 554 5.7.1 <bad@demo.test>: Recipient address rejected: Access denied
S= 250 2.1.5 Ok
S= 451 4.3.0 <broken@demo.test>: Temporary lookup failure
S= 250 2.0.0 Ok
