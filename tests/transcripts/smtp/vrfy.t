S: 220
C: VRFY
S= 501 5.5.4 Syntax: VRFY address [SMTPUTF8]
C: VRFY alice
S= 252 2.0.0 alice
C: VRFY <alice@demo.test>
S= 252 2.0.0 <alice@demo.test>
C: VRFY é@é.example SMTPUTF8
S= 252 2.0.0 é@é.example
C: VRFY é@é.example
S= 501 5.1.3 Bad recipient address syntax
C: VRFY alice bob
S= 501 5.1.3 Bad recipient address syntax
