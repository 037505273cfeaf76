S: l1 OK
C~ a1 NOOP
eof
closed
E: Disconnected: Connection closed in=7 out=
