S: 220
C: EHLO x
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 CHUNKING
tick 299s
C~ NO
tick 299s
C~ OP\r\n
S: 250
tick 300s
E= timeout after NOOP
E= close ehlo=1 noop=1 commands=2
S= 421 4.4.2 mx.demo.test Error: timeout exceeded
closed
