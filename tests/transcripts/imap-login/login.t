# LOGIN, wrong and right; the session's own words come from imapd.
S= * OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID STARTTLS AUTH=PLAIN AUTH=LOGIN] Buzon ready.
C: a1 LOGIN bob wrong
S= a1 NO [AUTHENTICATIONFAILED] Authentication failed.
C: a2 LOGIN bob down
S= a2 NO [UNAVAILABLE] Temporary authentication failure.
C: a3 login "bob" "secret"
E= login bob tag=a3 tell=0 input=0
closed
