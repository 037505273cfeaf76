conf separator = /
S: l1 OK
C~ a1 CREATE a/b\r\na2 LIST "" *\r\na3 CREATE a.b\r\n
S: a1 OK
S= * LIST (\HasNoChildren) "/" INBOX
S= * LIST (\Noselect \HasChildren) "/" a
S= * LIST (\HasNoChildren) "/" a/b
S: a2 OK
S: a3 NO [CANNOT]
