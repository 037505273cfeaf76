# Half a command is no command.
S: 220
C: NOOP
S: 250
C~ QUIT
eof
E= lost connection after NOOP
E= close noop=1 commands=1
