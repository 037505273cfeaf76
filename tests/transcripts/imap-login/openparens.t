# Nesting and numbers of arguments have small limits before login.
S: * OK
C~ a1 ID (((((((\r\n
S: a1 BAD Too many '('
C~ a2 ID (\<100*x >)\r\n
S: a2 BAD Too many arguments
C: a3 ID ("name" "x" "version" NIL)
S= * ID ("name" "Buzon")
S: a3 OK
