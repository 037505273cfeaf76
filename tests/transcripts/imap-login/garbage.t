# HTTP, binary rubbish, and the end after three bad commands.
S: * OK
C~ GET / HTTP/1.0\r\n
S: GET BAD Unknown command
C~ \x00\x16\x03\x01\r\n
S: * BAD Invalid character
C: a1 SELECT INBOX
S: a1 BAD Unknown command, or one that needs a login first
S= * BYE Too many invalid IMAP commands.
closed
