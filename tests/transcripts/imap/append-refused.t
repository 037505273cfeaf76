# What cannot be taken is refused before it is sent, or read over when it is on its way.
S: l1 OK
C: a1 APPEND nix {300}
S= a1 NO [TRYCREATE] Mailbox doesn't exist: nix
C~ a2 APPEND nix {3+}\r\nabc\r\n
S= a2 NO [TRYCREATE] Mailbox doesn't exist: nix
C: a3 APPEND INBOX {0}
S= a3 NO Can't save a zero byte message.
C: a4 APPEND INBOX (\Foo) {3}
S= a4 BAD Error in IMAP command APPEND: Invalid system flag.
C~ a5 APPEND INBOX "x" {5+}\r\nNOOP\n\r\n
S= a5 BAD Error in IMAP command APPEND: Invalid internal date.
C: a6 APPEND INBOX
S= a6 BAD Error in IMAP command APPEND: Invalid arguments.
C: a7 APPEND INBOX "text"
S= a7 BAD Error in IMAP command APPEND: Invalid arguments.
C~ a8 APPEND INBOX {3+}\r\nabc {3+}\r\ndef\r\n
S= a8 BAD Error in IMAP command APPEND: APPEND takes one message.
C~ a9 APPEND {5+}\r\nINBOX {3+}\r\nabc extra\r\n
S= a9 BAD Error in IMAP command APPEND: Invalid arguments.
C: a10 APPEND INBOX {4294967296}
S= a10 BAD Error in IMAP command APPEND: Invalid literal size.
C: b1 STATUS INBOX (MESSAGES)
S= * STATUS INBOX (MESSAGES 0)
S: b1 OK
