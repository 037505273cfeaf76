conf smtpd_hard_error_limit = 3
S: 220
E: connect
C: FOO
S: 500
C: FOO
S: 500
C: FOO
E= too many errors after UNKNOWN from client.test[127.0.0.1]
S: 500
S: 421 4.7.0 mx.demo.test Error: too many errors
E= disconnect from client.test[127.0.0.1] unknown=0/3 commands=0/3
E: anvil
closed
