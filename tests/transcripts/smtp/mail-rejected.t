conf mail = 450 4.7.1 try later
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
S= 450 4.7.1 try later
C: RCPT TO:<alice@demo.test>
S= 503 5.5.1 Error: need MAIL command
