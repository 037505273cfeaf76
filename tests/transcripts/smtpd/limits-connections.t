conf anvil = 51 1
E= connect from client.test[127.0.0.1]
E= warning: Connection concurrency limit exceeded: 51 from client.test[127.0.0.1] for service smtp
S= 421 4.7.0 mx.demo.test Error: too many connections from 127.0.0.1
E= disconnect from client.test[127.0.0.1] commands=0/0
E= anvil: disconnect smtp:127.0.0.1
closed
