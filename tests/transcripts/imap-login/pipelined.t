# What stands behind the login belongs to the session and is left untouched.
S: * OK
C~ a1 CAPABILITY\r\na2 NOOP\r\na3 LOGIN bob wrong\r\na4 LOGIN bob secret\r\n
S: * CAPABILITY IMAP4rev1
S: a1 OK
S= a2 OK NOOP completed.
S: a3 NO [AUTHENTICATIONFAILED]
E= login bob tag=a4 tell=1 input=0
closed
