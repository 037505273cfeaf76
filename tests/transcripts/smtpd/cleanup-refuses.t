conf cleanup = 452 4.3.1 Insufficient system storage
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
C: .
E: cleanup: open
E: QID1: client
E: cleanup: from
E: cleanup: to
E: cleanup: commit
S: 250
S: 250
S: 354
S= 452 4.3.1 Insufficient system storage
C: MAIL FROM:<>
S: 250
