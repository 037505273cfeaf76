conf mechanisms = PLAIN LOGIN
conf broken_auth_clients = yes
S: 220
C: EHLO x
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S= 250-AUTH PLAIN LOGIN
S= 250-AUTH=PLAIN LOGIN
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 CHUNKING
C: AUTH
S= 501 5.5.4 Syntax: AUTH mechanism
C: AUTH PLAIN x y
S= 501 5.5.4 Syntax: AUTH mechanism
C: AUTH FOO
S= 535 5.7.8 Error: authentication failed: Invalid authentication mechanism
C: AUTH PLAIN !!!
S= 535 5.7.8 Error: authentication failed: Invalid base64 data in initial response
C: AUTH PLAIN =
S= 535 5.7.8 Error: authentication failed: wrong
C: AUTH PLAIN AGJvYgB3cm9uZw==
S= 535 5.7.8 Error: authentication failed: wrong
C: MAIL FROM:<x@y.example>
S: 250
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S= 503 5.5.1 Error: MAIL transaction in progress
C: RSET
S: 250
C: auth plain
S= 334 
C: AGJvYgBzZWNyZXQ=
S= 235 2.7.0 Authentication successful
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S= 503 5.5.1 Error: already authenticated
