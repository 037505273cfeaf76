# What came in clear behind STARTTLS is thrown away.
S: * OK
C~ a1 STARTTLS\r\na2 LOGIN bob secret\r\n
S= a1 OK Begin TLS negotiation now.
E= starttls
event tls
C: a3 CAPABILITY
S= * CAPABILITY IMAP4rev1 AUTH=PLAIN
S: a3 OK
C: a4 STARTTLS
S: a4 BAD TLS is already active
