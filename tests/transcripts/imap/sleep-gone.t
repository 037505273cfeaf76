# The mailbox goes while its session sleeps.
conf sleep = 30
S: l1 OK
C: a1 CREATE x
S: a1 OK
C: a2 EXAMINE x
S: * FLAGS
S: * OK
S= * 0 EXISTS
S: * 0 RECENT
S: * OK
S: * OK
S: a2 OK
C: a3 IDLE
S= + idling
tick 1s
tick 30s
E= asleep
event rmbox x
S: * BYE Selected mailbox was deleted
closed
E: Disconnected: Selected mailbox was deleted
