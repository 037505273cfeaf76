S: l1 OK
C~ a1 CREATE a.b\r\na2 CREATE c\r\na3 CREATE "x y"\r\na4 CREATE d.\r\n
S= a1 OK Create completed.
S: a2 OK
S: a3 OK
S: a4 OK
C: b1 LIST "" *
S= * LIST (\HasNoChildren) "." INBOX
S= * LIST (\Noselect \HasChildren) "." a
S= * LIST (\HasNoChildren) "." a.b
S= * LIST (\HasNoChildren) "." c
S= * LIST (\HasNoChildren) "." d
S= * LIST (\HasNoChildren) "." "x y"
S= b1 OK List completed.
C: b2 LIST "" %
S: * LIST (\HasNoChildren) "." INBOX
S: * LIST (\Noselect \HasChildren) "." a
S: * LIST (\HasNoChildren) "." c
S: * LIST (\HasNoChildren) "." d
S: * LIST (\HasNoChildren) "." "x y"
S: b2 OK
C: b3 LIST "a." %
S= * LIST (\HasNoChildren) "." a.b
S: b3 OK
C: b4 LIST "" ""
S= * LIST (\Noselect) "." ""
S: b4 OK
C: b5 LIST a.x ""
S= * LIST (\Noselect) "." a.
S: b5 OK
C: b6 LIST "" inbox
S= * LIST (\HasNoChildren) "." INBOX
S: b6 OK
C: b7 LIST "" nix*
S: b7 OK
C~ b8 LIST "" {1+}\r\nc\r\n
S: * LIST (\HasNoChildren) "." c
S: b8 OK
C: b9 LIST ""
S= b9 BAD Error in IMAP command LIST: Invalid arguments.
C: c1 LIST (a) *
S: c1 BAD
C: c2 LIST "" * x
S: c2 BAD
C: c3 NAMESPACE
S= * NAMESPACE (("" ".")) NIL NIL
S= c3 OK Namespace completed.
