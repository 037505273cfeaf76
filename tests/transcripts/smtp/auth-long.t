conf mechanisms = PLAIN
S: 220
C~ AUTH PLAIN \<12276*A>\r\n
S= 535 5.7.8 Error: authentication failed: wrong
C: AUTH PLAIN
S: 334
C~ \<12289*A>\r\n
S= 500 5.5.6 Authentication exchange line is too long
closed
