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
tick 1s
E= warning: no connection to the cleanup service
S= 451 4.3.0 Error: queue file write error
C: QUIT
S: 221
E: disconnect
E: anvil
closed
