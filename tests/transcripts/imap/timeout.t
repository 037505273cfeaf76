S: l1 OK
tick 30m
S= * BYE Disconnected for inactivity.
closed
E: Disconnected: Inactivity in=0 out=
