S: 220
E: connect
C: GET / HTTP/1.0
E= warning: non-SMTP command from client.test[127.0.0.1]: GET / HTTP/1.0
S= 221 2.7.0 Error: I can break rules, too. Goodbye.
E: disconnect
E: anvil
closed
