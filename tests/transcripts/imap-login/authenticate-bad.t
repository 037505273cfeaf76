# Cancelled, not base64, empty, an unknown mechanism: the session goes on.
S: * OK
C: a1 AUTHENTICATE PLAIN
S= + 
wait
C: *
S= a1 BAD Authentication aborted by client.
E= cancel
C: a2 AUTHENTICATE X-NONE
S: a2 NO [CANNOT] Unsupported
C: a3 AUTHENTICATE PLAIN =
S: a3 NO [AUTHENTICATIONFAILED]
C: a4 AUTHENTICATE PLAIN !
S: a4 BAD Invalid base64
C: a5 AUTHENTICATE PLAIN
S= + 
wait
C: AGJvYgBzZWNyZXQ
S: a5 BAD Invalid base64
E= cancel
C: a6 NOOP
S: a6 OK
