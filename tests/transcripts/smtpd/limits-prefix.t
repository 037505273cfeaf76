conf smtpd_client_ipv4_prefix_length = 7
S: 220
E: connect
C: QUIT
S: 221
E: disconnect
E= anvil: disconnect smtp:126.0.0.0
closed
