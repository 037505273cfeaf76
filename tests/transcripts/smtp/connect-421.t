conf connect = 421 4.7.0 mx.demo.test Error: too many connections from 192.0.2.1
S= 421 4.7.0 mx.demo.test Error: too many connections from 192.0.2.1
closed
