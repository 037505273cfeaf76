# cleanup dies while content comes: the client hears so at the end, and tries again.
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
E: cleanup: open
E: QID1: client
S: 250
S: 250
S: 354
C: a
event cleanup gone
C: b
C: .
S= 451 4.3.0 Error: queue file write error
C: NOOP
S: 250
