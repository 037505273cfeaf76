conf smtpd_helo_required = yes
S: 220
C: MAIL FROM:<>
S= 503 5.5.1 Error: send HELO/EHLO first
