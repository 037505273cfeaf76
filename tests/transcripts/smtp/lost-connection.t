S: 220
eof
E= lost connection after CONNECT
E= close commands=0/0
closed
