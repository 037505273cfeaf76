# A chunk that is refused is still read to its end.
S: 220
C: BDAT 6
C~ QUIT\r\n
S= 503 5.5.1 Error: need RCPT command
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: BDAT 6
C~ QUIT\r\n
S= 554 5.5.1 Error: no valid recipients
C: RSET
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<a@demo.test>
S: 250
C: BDAT 1
C~ x
S= 250 2.0.0 Ok: 1 bytes
C: DATA
S= 503 5.5.1 Error: DATA after BDAT
C: RCPT TO:<a@demo.test>
S= 503 5.5.1 Error: RCPT after BDAT
C: VRFY a
S= 503 5.5.1 Error: VRFY after BDAT
C: STARTTLS
S= 503 5.5.1 Error: STARTTLS after BDAT
C: MAIL FROM:<>
S= 503 5.5.1 Error: nested MAIL command
C: RSET
S: 250 2.0.0 Ok
C: BDAT 0 LAST
S= 503 5.5.1 Error: need RCPT command
