S: 220
C: BDAT
S= 521 5.5.4 Syntax: BDAT count [LAST]
closed
