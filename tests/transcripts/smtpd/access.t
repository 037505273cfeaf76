# What access tables are asked, and what their answers do.
conf smtpd_recipient_restrictions = check_recipient_access inline:{{a@t1.test=REJECT}, {t2.test=450 come back}, {b@=550 5.2.1 disabled}, {sub.test=DEFER}, {c@t3.test=defer_if_permit later}, {d@t4.test=hello_class}, {e@t5.test=nonsense}, {f@t6.test=42}, {g@t7.test=WARN watch it}, {h@t8.test=421 4.7.0 go}}
conf smtpd_restriction_classes = hello_class
conf hello_class = check_helo_access inline:{{h=REJECT wrong name}}
conf relay_domains = t1.test t2.test t3.test t4.test t5.test t6.test t7.test t8.test sub.test
conf relay_recipient_maps =
conf smtpd_hard_error_limit = 50
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
S: 250
C: RCPT TO:<a@t1.test>
E: NOQUEUE
S= 554 5.7.1 <a@t1.test>: Recipient address rejected: Access denied
C: RCPT TO:<x@t2.test>
E: NOQUEUE
S= 450 4.7.1 <x@t2.test>: Recipient address rejected: come back
C: RCPT TO:<b@t1.test>
E: NOQUEUE
S= 550 5.2.1 <b@t1.test>: Recipient address rejected: disabled
C: RCPT TO:<x@a.sub.test>
E: NOQUEUE
S= 450 4.7.1 <x@a.sub.test>: Recipient address rejected: Access denied
C: RCPT TO:<c@t3.test>
E: NOQUEUE
S= 450 4.7.1 <c@t3.test>: Recipient address rejected: later
C: RCPT TO:<d@t4.test>
E: NOQUEUE
S= 554 5.7.1 <h>: Helo command rejected: wrong name
C: RCPT TO:<e@t5.test>
E= warning: access table: unknown action or restriction: nonsense
E: NOQUEUE
S= 451 4.3.5 Server configuration error
C: RCPT TO:<f@t6.test>
S: 250
C: RCPT TO:<g@t7.test>
E= NOQUEUE: warn: RCPT from client.test[127.0.0.1]: watch it; from=<> to=<g@t7.test> proto=SMTP helo=<h>
S: 250
C: RCPT TO:<h@t8.test>
E: NOQUEUE
S= 421 4.7.0 <h@t8.test>: Recipient address rejected: go
E: disconnect
E: anvil
closed
