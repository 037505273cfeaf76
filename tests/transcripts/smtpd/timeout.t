conf smtpd_timeout = 10s
S: 220
E: connect
C: HELO h
S: 250
tick 9s
C: NOOP
S: 250
tick 9s
tick 1s
E= timeout after NOOP from client.test[127.0.0.1]
S= 421 4.4.2 mx.demo.test Error: timeout exceeded
E: disconnect
E: anvil
closed
