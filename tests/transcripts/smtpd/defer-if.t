# "Defer if rejected" counts in its own list, "defer if permitted" for all of them.
conf smtpd_client_restrictions = check_client_access inline:{{127.0.0.1=DEFER_IF_REJECT later, perhaps}}
conf smtpd_sender_restrictions = check_sender_access inline:{{x@y.example=DEFER_IF_REJECT not now}, {p@y.example=DEFER_IF_PERMIT in a while}}, check_sender_access inline:{{x@y.example=REJECT}, {z@y.example=REJECT}}
S: 220
C: HELO h
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 450 4.7.1 <x@y.example>: Sender address rejected: not now
C: RSET
S: 250
C: MAIL FROM:<z@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 554 5.7.1 <z@y.example>: Sender address rejected: Access denied
C: RSET
S: 250
C: MAIL FROM:<p@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 450 4.7.1 <p@y.example>: Sender address rejected: in a while
C: RCPT TO:<nobody@demo.test>
S: 450 4.7.1
C: RCPT TO:<x@other.example>
S= 454 4.7.1 <x@other.example>: Relay access denied
