conf smtpd_sasl_auth_enable = yes
conf smtpd_sasl_exceptions_networks = 127.0.0.0/8
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
