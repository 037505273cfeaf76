# The old way, for clients that are excluded: LF is as good as CRLF.
conf forbid_bare_newline = no
S: 220
C~ HELO x\n
S: 250
C~ MAIL FROM:<x@y.example>\nRCPT TO:<a@demo.test>\n
S: 250
S: 250
C~ DATA\n
S: 354
C~ x\n.\n
S= 250 2.0.0 Ok: queued as QID1
C~ MAIL FROM:<x@y.example>\nRCPT TO:<a@demo.test>\nDATA\nx\r\n.\n
S: 250
S: 250
S: 354
S= 250 2.0.0 Ok: queued as QID2
C~ MAIL FROM:<x@y.example>\nRCPT TO:<a@demo.test>\nDATA\nx\n.\r\n
S: 250
S: 250
S: 354
S= 250 2.0.0 Ok: queued as QID3
