# The selected mailbox is deleted. Who did it himself goes on without one; else nothing sensible can be
# said about it any more.
S: l1 OK
C~ a1 CREATE x\r\na2 SELECT x\r\n
S: a1 OK
S: * FLAGS
S: * OK
S: * 0 EXISTS
S: * 0 RECENT
S: * OK
S: * OK
S: a2 OK
C: a3 DELETE x
S= a3 OK Delete completed.
C: a4 CHECK
S= a4 BAD No mailbox selected.
C~ b1 CREATE y\r\nb2 SELECT y\r\n
S: b1 OK
S: * FLAGS
S: * OK
S: * 0 EXISTS
S: * 0 RECENT
S: * OK
S: * OK
S: b2 OK
event rmbox y
C: b3 NOOP
S= * BYE Selected mailbox was deleted, have to disconnect.
closed
E: Disconnected: Selected mailbox was deleted in=
