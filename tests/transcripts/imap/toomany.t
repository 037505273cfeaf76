# Twenty bad commands are enough.
S: l1 OK
C~ a1 x\r\na2 x\r\na3 x\r\na4 x\r\na5 x\r\na6 x\r\na7 x\r\na8 x\r\na9 x\r\na10 x\r\na11 x\r\na12 x\r\na13 x\r\na14 x\r\na15 x\r\na16 x\r\na17 x\r\na18 x\r\na19 x\r\na20 x\r\na21 x\r\n
S: a1 BAD
S: a2 BAD
S: a3 BAD
S: a4 BAD
S: a5 BAD
S: a6 BAD
S: a7 BAD
S: a8 BAD
S: a9 BAD
S: a10 BAD
S: a11 BAD
S: a12 BAD
S: a13 BAD
S: a14 BAD
S: a15 BAD
S: a16 BAD
S: a17 BAD
S: a18 BAD
S: a19 BAD
S= * BYE Too many invalid IMAP commands.
closed
