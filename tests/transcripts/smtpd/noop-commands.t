conf smtpd_noop_commands = HELLO, regexp:{{/^X/ x}}
S: 220
C: hello
S= 250 2.0.0 Ok
C: XFOO
S= 250 2.0.0 Ok
C: QUIT
S: 221
closed
