conf mynetworks = 127.0.0.0/8
S: 220
C: MAIL FROM:<>
S: 250
C: RCPT TO:<a@other.example>
S= 250 2.1.5 Ok
