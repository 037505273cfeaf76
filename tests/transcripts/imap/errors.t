S: l1 OK
C~ \r\na1 FOO\r\n
S= a1 BAD Error in IMAP command FOO: Unknown command.
C: a2
S= a2 BAD Error in IMAP command: Unknown command.
C: a3 UID
S: a3 BAD
C: a4 UID NOOP
S: a4 BAD
C: (a5) NOOP
S= * BAD Error in IMAP command NOOP: Invalid or missing tag.
C: + NOOP
S: * BAD
C~ a6 NOOP\na7 NOOP\r\n
S= a6 BAD Error in IMAP command NOOP: Line does not end with CR LF.
S: a7 OK
C~ a8 CREATE "x\x00y"\r\n
S= a8 BAD Error in IMAP command CREATE: NUL in quoted string.
C: a9 FETCH 1 FLAGS
S= a9 BAD No mailbox selected.
C: b1 NOOP x
S: b1 BAD
C: b2 CREATE {999999}
S= b2 BAD Error in IMAP command CREATE: Too large literal.
C~ b3 CREATE {70000+}\r\n\<70000*z>\r\n
S= b3 BAD Error in IMAP command CREATE: Too large literal.
C~ b4 CREATE \<70000*z>\r\n
S= b4 BAD Error in IMAP command CREATE: Too long command.
C: b5 LOGIN a b
S: b5 BAD
C: b6 CAPABILITY
S= * CAPABILITY IMAP4rev1 IDLE
S: b6 OK
C: b7 ID ("name" "x")
S= * ID ("name" "Buzon")
S: b7 OK
C: b8 ID x
S: b8 BAD
