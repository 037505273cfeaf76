S: +OK
C~ USER \<255*u>\r\n
S= +OK
C~ USER \<256*u>\r\n
S= -ERR [AUTH] User name too long.
C: PASS pw
S= -ERR No username given.
C~ PASS \<8184*p>\r\n
S= -ERR No username given.
C: QUIT
S= +OK Logging out
closed
E= close Aborted login by logging out
