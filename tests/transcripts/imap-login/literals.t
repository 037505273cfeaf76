# User and password as literals, waited for and not.
S: * OK
C~ a1 LOGIN {3}\r\n
S= + OK
wait
C~ bob {5}\r\n
S= + OK
wait
C~ wrong\r\n
S: a1 NO
C~ a2 LOGIN {3+}\r\nbob {6+}\r\nsecret\r\n
E: login bob tag=a2
closed
