# A session that idles long enough gives up its process; another one goes on with what the client knows.
conf sleep = 30
S: l1 OK
event deliver INBOX A: 1\n\n
event deliver INBOX A: 2\n\n
event deliver INBOX A: 3\n\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S= * 3 EXISTS
S: * 3 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 STORE 2 +FLAGS.SILENT ($label)
S: * FLAGS
S: * OK
S: a2 OK
C: a3 IDLE
S= + idling
tick 1s
tick 30s
E= asleep
event deliver INBOX A: 4\n\n
S= * 4 EXISTS
S= * 4 RECENT
tick 1s
tick 30s
E= asleep
event flags INBOX 3 S
S= * 3 FETCH (FLAGS (\Seen \Recent))
tick 1s
tick 30s
E= asleep
event gone INBOX 1
S= * 1 EXPUNGE
tick 1s
tick 30s
E= asleep
C: DONE
S= a3 OK Idle completed.
C: a4 FETCH 1:* (UID FLAGS)
S= * 1 FETCH (UID 2 FLAGS (\Recent $label))
S= * 2 FETCH (UID 3 FLAGS (\Seen \Recent))
S= * 3 FETCH (UID 4 FLAGS (\Recent))
S= a4 OK Fetch completed.
C: a5 NOOP
S= a5 OK NOOP completed.
C: a6 IDLE
S= + idling
tick 1s
tick 30s
E= asleep
eof
closed
E: /^Disconnected: Connection closed in=[0-9]+ out=[0-9]+ deleted=0 /
