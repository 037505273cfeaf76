S: +OK
C~ \<8192*X>
S= -ERR Input buffer full, aborting
closed
E= close Input buffer full
