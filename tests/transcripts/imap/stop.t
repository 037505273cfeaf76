S: l1 OK
C: a1 NOOP
S: a1 OK
event stop
S= * BYE Server shutting down.
closed
E: Disconnected: Server shutting down. in=
