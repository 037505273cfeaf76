conf smtpd_sasl_auth_enable = yes
conf smtpd_sasl_mechanism_filter = plain
S: 220
C: EHLO h
S: 250-
S: 250-
S: 250-
S: 250-VRFY
S= 250-AUTH PLAIN
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 
