# After STARTTLS nothing said before counts; STARTTLS is offered no more.
conf mechanisms = PLAIN
conf helo_required = yes
S: 220
C: EHLO x
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-STARTTLS
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 CHUNKING
C: STARTTLS now
S= 501 5.5.4 Syntax: STARTTLS
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S: 235
C: MAIL FROM:<x@y.example>
E: mail
S: 250
C: STARTTLS
S= 220 2.0.0 Ready to start TLS
E= abort
wait
C: MAIL FROM:<x@y.example>
S= 503 5.5.1 Error: send HELO/EHLO first
C: EHLO x
S: 250-
S: 250-
S: 250-
S: 250-VRFY
S: 250-AUTH PLAIN
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 CHUNKING
C: STARTTLS
S= 554 5.5.1 Error: TLS already active
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S: 235
