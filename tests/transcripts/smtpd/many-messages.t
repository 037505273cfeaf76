S: 220
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
C: .
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
C: .
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: BDAT 2 LAST
C~ xy
C: QUIT
S: 250
S: 250
S: 354
S= 250 2.0.0 Ok: queued as QID1
S: 250
S: 250
S: 354
S= 250 2.0.0 Ok: queued as QID2
S: 250
S: 250
S= 250 2.0.0 Ok: 2 bytes queued as QID3
S: 221
closed
