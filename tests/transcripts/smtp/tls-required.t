conf tls_required = yes
conf mechanisms = PLAIN
conf hard_errors = 50
conf soft_errors = 50
S: 220
C: NOOP
S= 250 2.0.0 Ok
C: MAIL FROM:<x@y.example>
S= 530 5.7.0 Must issue a STARTTLS command first
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S= 530 5.7.0 Must issue a STARTTLS command first
C: BDAT 6
C~ QUIT\r\n
S= 530 5.7.0 Must issue a STARTTLS command first
C: RSET
S= 530 5.7.0 Must issue a STARTTLS command first
C: VRFY a
S= 530 5.7.0 Must issue a STARTTLS command first
C: FOO
S= 500 5.5.2 Error: command not recognized
C: STARTTLS
S= 220 2.0.0 Ready to start TLS
wait
C: MAIL FROM:<x@y.example>
S= 250 2.1.0 Ok
