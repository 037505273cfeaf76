# Without a mailbox there is nothing to watch; DONE wakes it all the same.
conf sleep = 30
S: l1 OK
C: a1 IDLE
S= + idling
tick 30s
E= asleep
C: DONE
S= a1 OK Idle completed.
C: a2 IDLE
S= + idling
tick 30s
E= asleep
C: a3 NOOP
S= a2 BAD Error in IMAP command IDLE: Expected DONE.
eof
closed
E: Disconnected:
