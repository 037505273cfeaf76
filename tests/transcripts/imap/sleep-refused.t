# Nobody takes the session: it goes on in its process.
conf sleep = 30
conf keep = no
S: l1 OK
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S= * 0 EXISTS
S: * 0 RECENT
S: * OK
S: * OK
S: a1 OK
C: a2 IDLE
S= + idling
tick 1s
tick 30s
tick 30s
tick 30s
tick 30s
S= * OK Still here
event deliver INBOX A: 1\n\n
S= * 1 EXISTS
S= * 1 RECENT
C: DONE
S= a2 OK Idle completed.
