conf size_limit = 20
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
E: mail
E: rcpt
S: 250
S: 250
C: BDAT 15
C~ 123456789012345
S= 250 2.0.0 Ok: 15 bytes
C: BDAT 6
C~ NOOP\r\n
E= warning: BDAT request from client.test[192.0.2.1] exceeds message size limit
S= 552 5.3.4 Chunk exceeds message size limit
C: BDAT 6 LAST
C~ NOOP\r\n
E= abort
S= 551 5.0.0 Discarded 6 bytes after earlier error
C: RSET
S: 250
C: NOOP
S: 250
