# Without tables of owners nobody is refused for a sender.
conf smtpd_sasl_auth_enable = yes
conf smtpd_sender_restrictions = reject_sender_login_mismatch
S: 220
C: HELO h
S: 250
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S: 235
C: MAIL FROM:<alice@demo.test>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
