# half a command and the end: nothing is applied
conf in = yes
C: DELE 1
S= +OK Marked to be deleted.
C~ QUI
eof
closed
E= eof
