# cleanup is away for a moment when DATA comes, as in a reload: the client only waits.
conf cleanup = off
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
S: 250
S: 250
tick 4s
event cleanup back
E: cleanup: open
E: QID1: client
S: 354
C: .
E: cleanup: from
E: cleanup: to
E: cleanup: commit
S= 250 2.0.0 Ok: queued as QID1
