S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: DATA
E: mail
E: rcpt
S: 250
S: 250
S: 354
C: abc
tick 5m
E= timeout after DATA (5 bytes)
E: close
S: 421 4.4.2
closed
