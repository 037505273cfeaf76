# Everything a client may send ahead, twice on one connection. (RFC 2920)
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
wait
C: MAIL FROM:<x@y.example>
C: RCPT TO:<unknown@demo.test>
C: RCPT TO:<alice@demo.test>
C: DATA
S: 250 2.1.0
S: 550
S: 250 2.1.5
S: 354
wait
C: a
C: .
C: MAIL FROM:<>
C: RCPT TO:<bob@demo.test>
C: DATA
S= 250 2.0.0 Ok: queued as QID1
S: 250
S: 250
S: 354
wait
C: b
C: .
C: QUIT
S= 250 2.0.0 Ok: queued as QID2
S: 221
closed
