S: 220
C: HELO x
S: 250
C: MAIL FROM:<>
C: RCPT TO:<a@demo.test>
C: DATA
C: .
E: mail <>
E: rcpt
E= message from=<> to=<a@demo.test> bytes=0: 
S: 250
S: 250
S: 354
S= 250 2.0.0 Ok: queued as QID1
