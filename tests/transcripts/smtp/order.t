# Commands out of order.
S: 220
C: RCPT TO:<a@b.example>
S= 503 5.5.1 Error: need MAIL command
C: DATA
S= 503 5.5.1 Error: need RCPT command
C: MAIL FROM:<x@y.example>
S= 250 2.1.0 Ok
C: MAIL FROM:<z@y.example>
S= 503 5.5.1 Error: nested MAIL command
C: DATA
S= 554 5.5.1 Error: no valid recipients
C: DATA now
S= 554 5.5.1 Error: no valid recipients
C: RCPT TO:<a@b.example>
S= 250 2.1.5 Ok
C: DATA now
S= 501 5.5.4 Syntax: DATA
C: RSET now
S= 501 5.5.4 Syntax: RSET
C: RSET
S= 250 2.0.0 Ok
C: DATA
S= 503 5.5.1 Error: need RCPT command
