# Refused recipients do not end the transaction; 421 from a table does.
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
E: mail
S: 250
C: RCPT TO:<unknown@demo.test>
E: rcpt <unknown@demo.test>
S= 550 5.1.1 <unknown>: Recipient address rejected
C: RCPT TO:<later@demo.test>
E: rcpt
S= 450 4.7.1 <later>: Recipient address rejected
C: RCPT TO:<alice@demo.test>
E: rcpt
S= 250 2.1.5 Ok
C: RCPT TO:<drop@demo.test>
E: rcpt
E= abort
E= close helo=1 mail=1 rcpt=1/4 commands=3/6
S= 421 4.7.1 go away
closed
