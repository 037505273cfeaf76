conf smtpd_forbid_bare_newline = note
S: 220
E: connect
C~ HELO h\nNOOP\nQUIT\n
S: 250
S: 250
E= disconnect from client.test[127.0.0.1] helo=1 noop=1 quit=1 commands=3 notes=bare_lf
E= anvil: disconnect smtp:127.0.0.1
S: 221
closed
