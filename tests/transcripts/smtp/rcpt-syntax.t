conf hard_errors = 100
conf soft_errors = 100
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT
S= 501 5.5.4 Syntax: RCPT TO:<address>
C: RCPT FOO
S= 501 5.5.4 Syntax: RCPT TO:<address>
C: RCPT TO:
S= 501 5.5.4 Syntax: RCPT TO:<address>
C: RCPT TO:<>
S= 501 5.1.3 Bad recipient address syntax
C: RCPT TO:<alice@demo.test
S= 501 5.1.3 Bad recipient address syntax
C: RCPT TO:<alice>
S= 250 2.1.5 Ok
C: RCPT TO:alice@demo.test
S= 250 2.1.5 Ok
C: RCPT TO:<alice@demo.test> NOTIFY=FOO
S= 501 5.5.4 Error: Bad NOTIFY parameter syntax
C: RCPT TO:<alice@demo.test> NOTIFY=
S= 501 5.5.4 Error: Bad NOTIFY parameter syntax
C: RCPT TO:<alice@demo.test> NOTIFY=NEVER,DELAY
S= 501 5.5.4 Error: Bad NOTIFY parameter syntax
C: RCPT TO:<alice@demo.test> NOTIFY=NEVER NOTIFY=NEVER
S= 501 5.5.4 Error: Bad NOTIFY parameter syntax
C: RCPT TO:<alice@demo.test> NOTIFY=DELAY,DELAY
S: 250
C: RCPT TO:<alice@demo.test> ORCPT=foo
S= 501 5.5.4 Error: Bad ORCPT parameter syntax
C: RCPT TO:<alice@demo.test> ORCPT=rfc822;
S= 501 5.5.4 Error: Bad ORCPT parameter syntax
C: RCPT TO:<alice@demo.test> ORCPT=rfc822;a+zz
S= 501 5.5.4 Error: Bad ORCPT parameter syntax
C: RCPT TO:<alice@demo.test> ORCPT=rfc822;a+0D+0Ab
S= 501 5.5.4 Error: Bad ORCPT parameter syntax
C: RCPT TO:<alice@demo.test> FOO=1
S= 555 5.5.4 Unsupported option: FOO=1
