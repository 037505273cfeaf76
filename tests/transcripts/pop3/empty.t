conf in = yes
conf messages = 0
C: STAT
S= +OK 0 0
C: LIST
S= +OK 0 messages:
S= .
C: UIDL
S= +OK
S= .
C: RETR 1
S= -ERR There's no message 1.
C: RSET
S= +OK
C~ NOOP \<2100*x>
S= -ERR Input line too long.
closed
E= close Input line too long
