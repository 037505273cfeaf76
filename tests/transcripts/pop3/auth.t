S: +OK
C: AUTH
S= +OK
S= PLAIN
S= LOGIN
S= .
C: AUTH FOO
S= -ERR [AUTH] Unsupported authentication mechanism.
C: AUTH PLAIN
E= auth PLAIN
S= + 
C: *
E= cancel
S= -ERR Authentication aborted by client.
C: auth plain
E= auth plain
S= + 
C: !!!
E= response !!!
S= -ERR [AUTH] Invalid base64 in response
C: AUTH PLAIN =
E= auth PLAIN
S= -ERR [AUTH] Authentication failed.
C: USER alice
S= +OK
C: USER bob
S= +OK
C: PASS bad
E= pass bob bad
S= -ERR [AUTH] Authentication failed.
C: PASS pw
S= -ERR No username given.
C: USER down
S= +OK
C: PASS down
E= pass down down
S= -ERR [SYS/TEMP] Temporary authentication failure.
C: AUTH PLAIN
E= auth PLAIN
S= + 
C: AGFsaWNlAHB3
E= response AGFsaWNlAHB3
S= +OK Logged in.
C: AUTH PLAIN
S= -ERR Unknown command: AUTH
