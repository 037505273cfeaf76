# A message that is taken clears the account.
conf hard_errors = 3
S: 220
C: HELO x
S: 250
C: FOO
S: 500
C: FOO
S: 500
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: DATA
C: .
S: 250
S: 250
S: 354
S: 250
C: FOO
S: 500
C: FOO
S: 500
C: NOOP
S: 250
