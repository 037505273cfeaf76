conf anvil = 1 6
conf smtpd_client_recipient_rate_limit = 5
S: 220
C: MAIL FROM:<>
S: 250
C: RCPT TO:<alice@demo.test>
S= 450 4.7.1 Error: too many recipients from 127.0.0.1
