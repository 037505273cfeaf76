S: 220
C~ NOOP \<2043*x>\r\n
S= 250 2.0.0 Ok
C~ NOOP \<2044*x>\r\n
E= warning: client.test[192.0.2.1]: request longer than 2048: NOOP xxxxxxxxxxxxxxxxxxxxxxxxx...
E: close
S= 500 5.5.2 mx.demo.test Error: command too long
closed
