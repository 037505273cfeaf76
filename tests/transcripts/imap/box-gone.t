# The selected mailbox is deleted: nothing sensible can be said about it any more.
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
S= * BYE Selected mailbox was deleted, have to disconnect.
closed
E: Disconnected: Selected mailbox was deleted in=
