# RSET in BDAT, and a client that goes in the middle of DATA: nothing stays in the queue.
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: BDAT 5
C~ abcde
E: cleanup: open
E: QID1: client
S: 250
S: 250
S: 250
C: RSET
E= cleanup: abort
S: 250
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
E: cleanup: open
E: QID2: client
S: 250
S: 250
S: 354
C: abc
eof
E= QID2: lost connection after DATA (5 bytes) from client.test[127.0.0.1]
E= disconnect from client.test[127.0.0.1] helo=1 mail=2 rcpt=2 data=0/1 bdat=1 rset=1 commands=7/8
E= cleanup: abort
E: anvil
closed
