S: l1 OK
C: a1 CREATE INBOX
S= a1 NO [ALREADYEXISTS] Mailbox already exists
C: a2 CREATE x
S: a2 OK
C: a3 CREATE x
S= a3 NO [ALREADYEXISTS] Mailbox already exists
C: a4 CREATE "x&y"
S= a4 NO [CANNOT] Mailbox name is not valid mUTF-7
C: a5 CREATE x..y
S: a5 NO [CANNOT]
C: a6 CREATE ""
S: a6 NO [CANNOT] Mailbox name is empty
C: a7 CREATE ../evil
S: a7 NO [CANNOT]
C: a8 CREATE x/y
S: a8 NO [CANNOT]
C: b1 RENAME x y.z
S= b1 OK Rename completed.
C: b2 RENAME x q
S= b2 NO [NONEXISTENT] Mailbox doesn't exist: x
C: b3 RENAME y.z INBOX
S= b3 NO [ALREADYEXISTS] Target mailbox already exists
C: b4 RENAME y.z y.z.sub
S= b4 NO [CANNOT] Can't rename mailbox under its own child
C: c1 DELETE nix
S= c1 NO [NONEXISTENT] Mailbox doesn't exist: nix
C: c2 DELETE INBOX
S: c2 NO [CANNOT]
C: c3 DELETE y.z
S= c3 OK Delete completed.
C: c4 LIST "" *
S= * LIST (\HasNoChildren) "." INBOX
S: c4 OK
C: c5 CREATE &AAA-
S= c5 NO [CANNOT] Mailbox name is not valid mUTF-7
C~ c6 CREATE inbox.sub\r\nc7 LIST "" inbox.*\r\nc8 DELETE Inbox.Sub\r\nc9 DELETE Inbox.sub\r\n
S: c6 OK
S= * LIST (\HasNoChildren) "." INBOX.sub
S: c7 OK
S= c8 NO [NONEXISTENT] Mailbox doesn't exist: Inbox.Sub
S: c9 OK
C: d1 SELECT
S= d1 BAD Error in IMAP command SELECT: Invalid arguments.
C: d2 CREATE x y
S= d2 BAD Error in IMAP command CREATE: Too many arguments.
