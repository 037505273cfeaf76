# Refusals for good are said, and logged, as for now.
conf soft_bounce = yes
conf cleanup = 554 5.4.0 too many hops
S: 220
E: connect
C: NONSENSE
S= 400 4.5.2 Error: command not recognized
C: HELO h
S: 250
C: MAIL FROM:<a@x.example>
S: 250
C: RCPT TO:<nobody@demo.test>
E: NOQUEUE: reject: RCPT from client.test[127.0.0.1]: 450 4.1.1 <nobody@demo.test>: Recipient address rejected
S= 450 4.1.1 <nobody@demo.test>: Recipient address rejected: User unknown in local recipient table
C: RCPT TO:<b@other.example>
E: NOQUEUE: reject: RCPT
S= 454 4.7.1 <b@other.example>: Relay access denied
C: RCPT TO:<alice@demo.test>
S= 250 2.1.5 Ok
C: DATA
E: cleanup: open
E: QID1: client
S: 354
C: .
E: cleanup:
E: cleanup:
E: cleanup: commit
S= 454 4.4.0 too many hops
