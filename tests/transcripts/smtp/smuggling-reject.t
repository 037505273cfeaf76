conf forbid_bare_newline = reject
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: DATA
E: mail
E: rcpt
S: 250
S: 250
S: 354
C~ x\n.\r\nNOOP\r\n.\r\n
E= reject: DATA: bare <LF> received
E= abort
S= 550 5.5.2 mx.demo.test Error: bare <LF> received
C: MAIL FROM:<x@y.example>
E: mail
S= 250 2.1.0 Ok
C~ RSET\n
E= reject: MAIL: bare <LF> received
E= abort
E= close helo=1 mail=2 rcpt=1 data=0/1 commands=4/5 notes=bare_lf
S= 550 5.5.2 mx.demo.test Error: bare <LF> received
closed
