conf smtpd_forbid_bare_newline = reject
conf mynetworks = 127.0.0.1
S: 220
C~ MAIL FROM:<x@y.example>\nRCPT TO:<alice@demo.test>\nDATA\na\nb\n.\n
S: 250
S: 250
S: 354
S: 250 2.0.0
