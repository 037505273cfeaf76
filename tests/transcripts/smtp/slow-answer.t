# Pipelined commands wait for an answer that comes late, and keep their order.
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
S: 250 2.1.0
C: RCPT TO:<slow@demo.test>
C: RCPT TO:<unknown@demo.test>
C: NOOP
event answer
S= 250 2.1.5 Ok
S= 550 5.1.1 <unknown>: Recipient address rejected
S= 250 2.0.0 Ok
C: RCPT TO:<slow@demo.test>
eof
closed
