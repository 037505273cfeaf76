# A chunk of nothing that is not the last: refused, and so is the message.
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
E: mail
E: rcpt
S: 250
S: 250
C: BDAT 3
C~ a\r\n
S: 250
C: BDAT 0
E= warning: null BDAT request from client.test[192.0.2.1]
S= 551 5.7.1 Null BDAT request
C: BDAT 4 LAST
C~ b\r\nc
E: abort
S= 551 5.0.0 Discarded 4 bytes after earlier error
C: QUIT
E: close helo=1 mail=1 rcpt=1 bdat=1/3 
S: 221
closed
