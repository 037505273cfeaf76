# A namespace with a prefix, as Courier had it.
conf prefix = INBOX.
S: l1 OK
C: a1 NAMESPACE
S= * NAMESPACE (("INBOX." ".")) NIL NIL
S: a1 OK
C~ a2 CREATE INBOX.Sent\r\na3 CREATE Sent\r\na4 CREATE INBOX.\r\n
S: a2 OK
S= a3 NO [CANNOT] Client tried to access nonexistent namespace
S: a4 NO
C: a5 LIST "" *
S= * LIST (\HasNoChildren) "." INBOX
S= * LIST (\HasNoChildren) "." INBOX.Sent
S: a5 OK
C: a6 LIST "" INBOX.%
S= * LIST (\HasNoChildren) "." INBOX.Sent
S: a6 OK
C~ a7 SUBSCRIBE INBOX.Sent\r\na8 LSUB "" *\r\na9 STATUS INBOX.Sent (MESSAGES)\r\n
S: a7 OK
S= * LSUB () "." INBOX.Sent
S: a8 OK
S= * STATUS INBOX.Sent (MESSAGES 0)
S: a9 OK
