S: l1 OK
C~ a1 APPEND INBOX (\\Draft \\Seen kw) "01-Jan-2020 10:00:00 +0300" {9}\r\n
S= + OK
wait
C~ A: b\r\n\r\nx\r\n
S= a1 OK [APPENDUID 2130706433 1] Append completed.
C: a2 SELECT INBOX
S: * FLAGS
S: * OK
S: * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: a2 OK
C: a3 FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])
S= * 1 FETCH (FLAGS (\Seen \Draft \Recent kw) INTERNALDATE "01-Jan-2020 07:00:00 +0000" RFC822.SIZE 9 BODY[] {9}
S= A: b
S= 
S= x)
S: a3 OK
C~ a4 APPEND INBOX {4+}\r\na\r\nb\r\n
S= * 2 EXISTS
S= * 2 RECENT
S= a4 OK [APPENDUID 2130706433 2] Append completed.
C: a5 FETCH 2 BODY.PEEK[]
S= * 2 FETCH (BODY[] {4}
S= a
S= b)
S: a5 OK
