# A message that lost a chunk is lost to its end; nothing of it can become another.
S: 220
C: HELO x
S: 250
C: BDAT 6
C~ QUIT\r\n
S= 503 5.5.1 Error: need RCPT command
C: MAIL FROM:<x@y.example>
S= 503 5.5.1 Error: MAIL after BDAT
C: BDAT 6 LAST
C~ QUIT\r\n
S= 551 5.0.0 Discarded 6 bytes after earlier error
C: MAIL FROM:<x@y.example>
E: mail
S: 250
C: BDAT 6
C~ QUIT\r\n
S= 554 5.5.1 Error: no valid recipients
C: RCPT TO:<a@demo.test>
S= 503 5.5.1 Error: RCPT after BDAT
C: BDAT 0 LAST
E= abort
S= 551 5.0.0 Discarded 0 bytes after earlier error
C: BDAT 0 LAST
S= 503 5.5.1 Error: need RCPT command
C: MAIL FROM:<x@y.example>
E: mail
S: 250
C: BDAT 6 LAST
C~ QUIT\r\n
E= abort
S= 554 5.5.1 Error: no valid recipients
C: RCPT TO:<a@demo.test>
S= 503 5.5.1 Error: need MAIL command
