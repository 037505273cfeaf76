conf hard_errors = 100
conf soft_errors = 100
S: 220
C: HELO x
S: 250
C: MAIL
S= 501 5.5.4 Syntax: MAIL FROM:<address>
C: MAIL FOO
S= 501 5.5.4 Syntax: MAIL FROM:<address>
C: MAIL FROM
S= 501 5.5.4 Syntax: MAIL FROM:<address>
C: MAIL FROM:
S= 501 5.5.4 Syntax: MAIL FROM:<address>
C: MAIL FROM:<x@y.example
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM:<a b@c.example>
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM:<x@y.example>foo
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM:<a@b@c.example>
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM:<@c.example>
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM:<a@>
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM:<a@-..b>
S= 501 5.1.7 Bad sender address syntax
C: MAIL FROM:x@y.example
S= 250 2.1.0 Ok
C: RSET
S: 250
C: MAIL FROM: <x@y.example>
S= 250 2.1.0 Ok
C: RSET
S: 250
C: MAIL FROM:  x@y.example
S= 250 2.1.0 Ok
C: RSET
S: 250
C: mail from:<"a b\"c"@y.example>
S= 250 2.1.0 Ok
C: RSET
S: 250
C: MAIL FROM:<a@[192.0.2.1]>
S= 250 2.1.0 Ok
C: RSET
S: 250
C: MAIL FROM:<@a.example,@b.example:joe@c.example.>
S= 250 2.1.0 Ok
C: RSET
S: 250
C: MAIL FROM:<>
S= 250 2.1.0 Ok
