conf hard_errors = 3
S: 220
C: FOO
S= 500 5.5.2 Error: command not recognized
C:
S= 500 5.5.2 Error: bad syntax
C~ NO\x00OP\r\n
E= note: too many errors after UNKNOWN from client.test[192.0.2.1]
E= close unknown=0/1 commands=0/1
S= 500 5.5.2 Error: bad syntax
S= 421 4.7.0 mx.demo.test Error: too many errors
closed
