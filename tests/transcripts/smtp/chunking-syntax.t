S: 220
C: HELO x
S: 250
C: BDAT 5 FOO
E= warning: malformed BDAT command syntax from client.test[192.0.2.1]: BDAT 5 FOO
E: close
S= 521 5.5.4 Syntax: BDAT count [LAST]
closed
