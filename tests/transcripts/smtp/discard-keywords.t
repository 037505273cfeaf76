# What EHLO does not offer is not there either; but who sends eight bits may say so.
conf discard = chunking, dsn, smtputf8, 8bitmime, starttls, etrn
S: 220
C: EHLO x
S= 250-mx.demo.test
S= 250-PIPELINING
S= 250-SIZE 10240000
S= 250-VRFY
S= 250 ENHANCEDSTATUSCODES
C: MAIL FROM:<x@y.example> RET=FULL
S= 555 5.5.4 Unsupported option: RET=FULL
C: MAIL FROM:<x@y.example> BODY=8BITMIME
E: mail
S: 250
C: STARTTLS
S= 502 5.5.1 Error: command not implemented
C: BDAT 0 LAST
E: abort
E: close
S= 521 5.5.1 Error: command not implemented
closed
