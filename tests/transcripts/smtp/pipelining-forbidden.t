# One command at a time is all right with the check on.
conf forbid_pipelining = yes
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
C: RCPT TO:<alice@demo.test>
C: DATA
S: 250
S: 250
S: 354
wait
C: a
C: .
wait
S= 250 2.0.0 Ok: queued as QID1
