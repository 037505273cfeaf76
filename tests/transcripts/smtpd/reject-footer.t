# smtpd_reject_footer: on lines of its own, with the code of the reply; nothing is added to consent, and nothing to the log.
conf smtpd_reject_footer = Ask $server_name, say\n$client_address, not $$name.
S: 220
E: connect
C: HELO h
S= 250 mx.demo.test
C: MAIL FROM:<a@x.example>
S= 250 2.1.0 Ok
C: RCPT TO:<nobody@demo.test>
E= NOQUEUE: reject: RCPT from client.test[127.0.0.1]: 550 5.1.1 <nobody@demo.test>: Recipient address rejected: User unknown in local recipient table; from=<a@x.example> to=<nobody@demo.test> proto=SMTP helo=<h>
S= 550-5.1.1 <nobody@demo.test>: Recipient address rejected: User unknown in local recipient table
S= 550-5.1.1 Ask mx.demo.test, say
S= 550 5.1.1 127.0.0.1, not $name.
C: RCPT TO:<alice@demo.test>
S= 250 2.1.5 Ok
