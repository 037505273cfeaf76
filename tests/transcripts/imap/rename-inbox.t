# INBOX gives its messages away and stays (RFC 3501, 6.3.5).
S: l1 OK
event deliver INBOX A: 1\n\n
C: a1 RENAME INBOX old
S= a1 OK Rename completed.
C: a2 STATUS old (MESSAGES)
S= * STATUS old (MESSAGES 1)
S: a2 OK
C: a3 STATUS INBOX (MESSAGES)
S= * STATUS INBOX (MESSAGES 0)
S: a3 OK
