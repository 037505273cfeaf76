conf in = yes
C: RETR 2
S= +OK 33 octets
S= Subject: two
S= 
S= no newline at end
S= .
C: DELE 1
S= +OK Marked to be deleted.
C: DELE 1
S= -ERR Message is deleted.
C: RETR 1
S= -ERR Message is deleted.
C: TOP 1 1
S= -ERR Message is deleted.
C: LIST 1
S= -ERR Message is deleted.
C: UIDL 1
S= -ERR Message is deleted.
C: LIST
S= +OK 2 messages:
S= 2 33
S= 3 22
S= .
C: STAT
S= +OK 2 55
C: RSET
S= +OK
C: STAT
S= +OK 3 96
C: DELE 3
S= +OK Marked to be deleted.
C: QUIT
S= +OK Logging out, messages deleted.
closed
E= quit del3
E= top=0/0, retr=1/50, del=1/3, size=96
