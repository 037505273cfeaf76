S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: BDAT 100 LAST
C: abc
E: mail
E: rcpt
S: 250
S: 250
eof
E= lost connection after BDAT (5 bytes)
E= close helo=1 mail=1 rcpt=1 bdat=0/1 commands=3/4
