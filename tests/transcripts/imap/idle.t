# New mail and others' changes come while idling; a word every two minutes keeps the line open.
S: l1 OK
event deliver INBOX A: 1\n\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S= * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 IDLE
S= + idling
event deliver INBOX A: 2\n\n
S= * 2 EXISTS
S= * 2 RECENT
event flags INBOX 1 S
S= * 1 FETCH (FLAGS (\Seen \Recent))
event gone INBOX 1
S= * 1 EXPUNGE
tick 120s
S= * OK Still here
tick 119s
tick 1s
S= * OK Still here
C~ DONE\r\na3 NOOP\r\n
S= a2 OK Idle completed.
S= a3 OK NOOP completed.
C: a4 IDLE
S= + idling
wait
C: a5 NOOP
S= a4 BAD Error in IMAP command IDLE: Expected DONE.
C: a6 IDLE
S= + idling
eof
closed
