conf strict_envelopes = yes
S: 220
C: HELO x
S: 250
C: MAIL FROM:x@y.example
E= warning: Illegal address syntax from client.test[192.0.2.1] in MAIL command: x@y.example
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM: <x@y.example>
E: mail
S= 250 2.1.0 Ok
C: RCPT TO:alice@demo.test
E= warning: Illegal address syntax from client.test[192.0.2.1] in RCPT command: alice@demo.test
S= 501 5.1.3 Bad recipient address syntax
