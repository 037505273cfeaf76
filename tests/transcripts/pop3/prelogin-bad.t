S: +OK
C: NOOP
S= -ERR Unknown command.
C~ US\x00ER alice\r\n
S= -ERR Unknown command.
C: STLS
S= -ERR TLS support isn't enabled.
C:
S= -ERR Unknown command.
S= -ERR Too many invalid bad commands.
closed
E= close Too many bad commands
