S: * OK
C~ a1 LOGOUT\r\na2 NOOP\r\n
S= * BYE Logging out
S= a1 OK Logout completed.
closed
