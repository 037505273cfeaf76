S: l1 OK
C~ a1 CREATE a.b\r\na2 CREATE c\r\na3 SUBSCRIBE a.b\r\na4 SUBSCRIBE INBOX\r\na5 SUBSCRIBE nix\r\n
S: a1 OK
S: a2 OK
S= a3 OK Subscribe completed.
S: a4 OK
S= a5 NO [NONEXISTENT] Mailbox doesn't exist: nix
C: b1 LSUB "" *
S= * LSUB () "." INBOX
S= * LSUB () "." a.b
S= b1 OK Lsub completed.
C: b2 LSUB "" %
S= * LSUB () "." INBOX
S= * LSUB (\Noselect) "." a
S: b2 OK
C: b3 UNSUBSCRIBE a.b
S= b3 OK Unsubscribe completed.
C: b4 UNSUBSCRIBE a.b
S= b4 OK Unsubscribe completed.
C~ b6 LSUB "" ""\r\nb7 LIST "" ""\r\n
S= b6 OK Lsub completed.
S= * LIST (\Noselect) "." ""
S: b7 OK
C: b5 LSUB "" *
S= * LSUB () "." INBOX
S: b5 OK
