# The system shuts down: a word to the client, idling or not.
S: l1 OK
C: a1 IDLE
S= + idling
event stop
S= * BYE Server shutting down.
closed
E: Disconnected: Server shutting down. in=
