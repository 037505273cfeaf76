conf smtpd_sasl_auth_enable = yes
conf smtpd_sender_login_maps = inline:{{bob@demo.test=bob}, {alice@demo.test=alice, carol}}
conf smtpd_sender_restrictions = reject_sender_login_mismatch
S: 220
C: EHLO h
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-AUTH
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 
C: MAIL FROM:<bob@demo.test>
S: 250
C: RCPT TO:<alice@demo.test>
S= 553 5.7.1 <bob@demo.test>: Sender address rejected: not logged in
C: RSET
S: 250
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
C: RSET
S: 250
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S: 235
C: MAIL FROM:<alice@demo.test>
S: 250
C: RCPT TO:<alice@demo.test>
S= 553 5.7.1 <alice@demo.test>: Sender address rejected: not owned by user bob
C: RSET
S: 250
C: MAIL FROM:<bob@demo.test>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
C: RSET
S: 250
C: MAIL FROM:<>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
