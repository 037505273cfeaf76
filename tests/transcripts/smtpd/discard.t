conf smtpd_sender_restrictions = check_sender_access inline:{{x@y.example=DISCARD}}
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<alice@demo.test>
C: RCPT TO:<any@other.example>
C: DATA
E: NOQUEUE: discard: RCPT
E: cleanup: open flags=0
E: QID1: client
S: 250
S: 250
S: 250
S: 354
C: a: b
C: .
E= cleanup: abort
S= 250 2.0.0 Ok: queued as QID1
