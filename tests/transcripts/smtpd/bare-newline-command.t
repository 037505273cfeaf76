conf smtpd_forbid_bare_newline = reject
S: 220
E: connect
C: HELO h
S: 250
C~ NOOP\n
E= NOQUEUE: reject: HELO from client.test[127.0.0.1]: bare <LF> received; proto=SMTP helo=<h>
S: 550
closed
eof
E: /^disconnect .* notes=bare_lf$/
E: anvil
closed
