S: l1 OK
C: a1 IDLE
S= + idling
event deliver INBOX A: 1\n\n
tick 121s
S= * OK Still here
C: done
S= a1 OK Idle completed.
C: a2 IDLE x
S: a2 BAD
