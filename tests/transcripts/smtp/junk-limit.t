conf junk_limit = 2
conf hard_errors = 2
S: 220
C: NOOP
C: NOOP
C: NOOP
C: HELLO
S: 250
S: 250
S: 250
S: 250
C: NOOP
S= 250 2.0.0 Ok
S= 421 4.7.0 mx.demo.test Error: too many errors
closed
