conf smtpd_sasl_auth_enable = yes
conf smtpd_tls_auth_only = yes
S: 220
C: EHLO h
S: 250-
S: 250-
S: 250-
S: 250-VRFY
S: 250-ENHANCEDSTATUSCODES
S: 250-
S: 250-
S: 250-
S: 250 
C: AUTH PLAIN AGJvYgBzZWNyZXQ=
S= 503 5.5.1 Error: authentication not enabled
