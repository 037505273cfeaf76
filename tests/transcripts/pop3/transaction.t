# replies recorded from Dovecot 2.3.19
conf in = yes
C: STAT
S= +OK 3 96
C: LIST
S= +OK 3 messages:
S= 1 41
S= 2 33
S= 3 22
S= .
C: LIST 2
S= +OK 2 33
C: LIST  2
S= +OK 2 33
C: LIST 2 x
S= -ERR Noise after message number:  x
C: LIST -1
S= -ERR Invalid message number: -1
C: LIST 4
S= -ERR There's no message 4.
C: LIST 0
S= -ERR There's no message 0.
C: LIST 99999999999999
S= -ERR Message number too large.
C: UIDL
S= +OK
S= 1 000000015f3c2a10
S= 2 000000025f3c2a10
S= 3 000000035f3c2a10
S= .
C: UIDL 1
S= +OK 1 000000015f3c2a10
C: RETR
S= -ERR Invalid message number: 
C: RETR 1
S= +OK 41 octets
S= Subject: one
S= 
S= hello
S= ..dot
S= ...two
S= end
S= .
C: RETR 2
S= +OK 33 octets
S= Subject: two
S= 
S= no newline at end
S= .
C: RETR 3
S= -ERR Message 3 expunged.
C: TOP 1 0
S= +OK
S= Subject: one
S= 
S= .
C: TOP 1 2
S= +OK
S= Subject: one
S= 
S= hello
S= ..dot
S= .
C: TOP 1 99999999999999999999999
S= -ERR Size too large: 99999999999999999999999
C: TOP 1 -1
S= -ERR Invalid size: -1
C: TOP 1
S= -ERR Noise after message number: 
C: TOP 1 1 1
S= -ERR Noise after size:  1
C: NOOP x
S= +OK
C: LAST
S= -ERR Unknown command: LAST
C:
S= -ERR Unknown command.
C~ NO\x00OP\r\n
S= -ERR Unknown command.
C: QUIT
S= +OK Logging out.
closed
E= quit seen1 seen2
E: top=2/
