# Own networks are not counted at all.
conf anvil = 51 100
conf mynetworks = 127.0.0.0/8
conf smtpd_client_message_rate_limit = 5
S: 220
E: connect
C: MAIL FROM:<>
S: 250
C: QUIT
S: 221
E: disconnect
closed
