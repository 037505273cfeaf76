conf hard_errors = 100
conf soft_errors = 100
conf size_limit = 1000
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example> SIZE=abc
S= 501 5.5.4 Bad message size syntax
C: MAIL FROM:<x@y.example> SIZE=
S= 501 5.5.4 Bad message size syntax
C: MAIL FROM:<x@y.example> SIZE=-1
S= 501 5.5.4 Bad message size syntax
C: MAIL FROM:<x@y.example> SIZE=1001
S= 552 5.3.4 Message size exceeds fixed limit
C: MAIL FROM:<x@y.example> SIZE=99999999999999999999999
S= 552 5.3.4 Message size exceeds file system imposed limit
C: MAIL FROM:<x@y.example> BODY=FOO
S= 555 5.5.4 Unsupported option: BODY=FOO
C: MAIL FROM:<x@y.example> BODY=BINARYMIME
S= 555 5.5.4 Unsupported option: BODY=BINARYMIME
C: MAIL FROM:<x@y.example> FOO
S= 555 5.5.4 Unsupported option: FOO
C: MAIL FROM:<x@y.example> RET=FOO
S= 501 5.5.4 Bad RET parameter syntax
C: MAIL FROM:<x@y.example> RET=FULL RET=HDRS
S= 501 5.5.4 Bad RET parameter syntax
C: MAIL FROM:<x@y.example> ENVID=a+zz
S= 501 5.5.4 Bad ENVID parameter syntax
C: MAIL FROM:<x@y.example> ENVID=a+00
S= 501 5.5.4 Bad ENVID parameter syntax
C: MAIL FROM:<x@y.example> ENVID=
S= 501 5.5.4 Bad ENVID parameter syntax
C: MAIL FROM:<x@y.example> ENVID=a ENVID=b
S= 501 5.5.4 Bad ENVID parameter syntax
C: MAIL FROM:<x@y.example> SMTPUTF8=1
S= 555 5.5.4 Unsupported option: SMTPUTF8=1
C: MAIL FROM:<x@y.example> AUTH=+zz
S= 501 5.5.4 Bad AUTH parameter syntax
C: MAIL FROM:<x@y.example> <z@y.example>
S= 555 5.5.4 Unsupported option: <z@y.example>
C: MAIL FROM:<x@y.example> smtputf8 body=8bitmime size=1000 ret=full envid=a+2Bb AUTH=u+40v
S= 250 2.1.0 Ok
