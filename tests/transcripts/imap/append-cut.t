# The client goes in the middle of a message: nothing is left of it.
S: l1 OK
C~ a1 APPEND INBOX {300+}\r\nhalf
eof
closed
E: Disconnected: Disconnected in APPEND
