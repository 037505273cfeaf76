S: 220
C~ MAIL FROM:<\<20000*a>
S= 500 5.5.2 mx.demo.test Error: command too long
closed
