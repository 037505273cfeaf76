# 8-bit domains need SMTPUTF8; bytes that are no UTF-8 are refused everywhere. (RFC 6531)
S: 220
C: HELO x
S: 250
C: MAIL FROM:<é@é.example>
S= 501 5.1.7 Bad sender address syntax
C~ MAIL FROM:<\xff@y.example> SMTPUTF8\r\n
S= 500 5.5.2 Error: bad UTF-8 syntax
C~ NOOP \xc0\xaf\r\n
S= 500 5.5.2 Error: bad UTF-8 syntax
C: MAIL FROM:<é@y.example>
S= 250 2.1.0 Ok
C: RCPT TO:<é@é.example>
S= 501 5.1.3 Bad recipient address syntax
C: RSET
S: 250
C: MAIL FROM:<é@é.example> SMTPUTF8
S= 250 2.1.0 Ok
C: RCPT TO:<é@é.example>
S= 250 2.1.5 Ok
