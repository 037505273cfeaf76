conf forbid_bare_newline = reject
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: BDAT 3
C~ a\nb
C: BDAT 2 LAST
C~ \r\n
S: 250
S: 250
S= 250 2.0.0 Ok: 3 bytes
S= 550 5.5.2 mx.demo.test Error: bare <LF> received
C: NOOP
S: 250
