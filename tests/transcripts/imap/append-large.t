# Larger than any buffer.
S: l1 OK
C~ a1 APPEND INBOX {400000+}\r\n\<399992*x>\r\nab\r\nab\r\n
S= a1 OK [APPENDUID 2130706433 1] Append completed.
C: a2 EXAMINE INBOX
S: * FLAGS
S: * OK
S: * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: * OK
S: a2 OK
C: a3 FETCH 1 (RFC822.SIZE BODY[]<399990.20>)
S= * 1 FETCH (RFC822.SIZE 400000 BODY[]<399990> {10}
S= xx
S= ab
S= ab)
S: a3 OK
