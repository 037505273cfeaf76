S: 220
C: GET / HTTP/1.0
E= warning: non-SMTP command from client.test[192.0.2.1]: GET / HTTP/1.0
E= close unknown=0/1 commands=0/1
S= 221 2.7.0 Error: I can break rules, too. Goodbye.
closed
