conf helo_required = yes
conf mechanisms = PLAIN
S: 220
C: MAIL FROM:<x@y.example>
S= 503 5.5.1 Error: send HELO/EHLO first
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S= 503 5.5.1 Error: send HELO/EHLO first
C: EHLO x
S: 250-mx
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-AUTH PLAIN
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 CHUNKING
C: MAIL FROM:<x@y.example>
S= 250 2.1.0 Ok
