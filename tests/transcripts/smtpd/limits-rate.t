conf anvil = 1 6
conf smtpd_client_connection_rate_limit = 10
conf smtpd_client_message_rate_limit = 5
S: 220
E: connect
C: MAIL FROM:<>
E= warning: Message delivery request rate limit exceeded: 6 from client.test[127.0.0.1] for service smtp
S= 450 4.7.1 Error: too much mail from 127.0.0.1
