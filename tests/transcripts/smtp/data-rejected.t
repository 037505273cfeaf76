# No room: the transaction stays, the client may try again.
conf data = 452 4.3.1 Insufficient system storage
S: 220
C: EHLO x
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 CHUNKING
C: MAIL FROM:<x@y.example>
C: RCPT TO:<alice@demo.test>
C: DATA
S: 250
S: 250
S= 452 4.3.1 Insufficient system storage
C: DATA
S= 452 4.3.1 Insufficient system storage
C: RSET
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<alice@demo.test>
C: BDAT 6
C~ DATA\r\n
S: 250
S: 250
S= 452 4.3.1 Insufficient system storage
C: BDAT 5 LAST
C~ x\r\nyz
S= 551 5.0.0 Discarded 5 bytes after earlier error
C: NOOP
S: 250
