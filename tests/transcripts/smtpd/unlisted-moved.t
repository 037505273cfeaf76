conf relocated_maps = inline:{alice=alice@new.example}
conf transport_maps = inline:{{relay.test=error:5.7.0 not today}}
S: 220
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 550 5.1.6 <alice@demo.test>: Recipient address rejected: User has moved to alice@new.example
C: RCPT TO:<ed@relay.test>
S= 550 5.7.0 <ed@relay.test>: Recipient address rejected: not today
