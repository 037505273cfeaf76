# With a deadline for the whole command, a byte now and then buys no time.
conf smtpd_timeout = 10s
conf smtpd_per_request_deadline = yes
S: 220
E: connect
C: NOOP
S: 250
tick 6s
C~ NO
tick 4s
E= timeout after NOOP from client.test[127.0.0.1]
S: 421
closed
eof
E: disconnect
E: anvil
closed
