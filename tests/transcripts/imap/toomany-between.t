# Bad commands between good ones are no reason to hang up: clients try what they hope for.
S: l1 OK
C: a1 XLIST "" "*"
S: a1 BAD
C: b1 NOOP
S: b1 OK
C: a2 XLIST "" "*"
S: a2 BAD
C: b2 NOOP
S: b2 OK
C: a3 XLIST "" "*"
S: a3 BAD
C: b3 NOOP
S: b3 OK
C: a4 XLIST "" "*"
S: a4 BAD
C: b4 NOOP
S: b4 OK
C: a5 XLIST "" "*"
S: a5 BAD
C: b5 NOOP
S: b5 OK
C: a6 XLIST "" "*"
S: a6 BAD
C: b6 NOOP
S: b6 OK
C: a7 XLIST "" "*"
S: a7 BAD
C: b7 NOOP
S: b7 OK
C: a8 XLIST "" "*"
S: a8 BAD
C: b8 NOOP
S: b8 OK
C: a9 XLIST "" "*"
S: a9 BAD
C: b9 NOOP
S: b9 OK
C: a10 XLIST "" "*"
S: a10 BAD
C: b10 NOOP
S: b10 OK
C: a11 XLIST "" "*"
S: a11 BAD
C: b11 NOOP
S: b11 OK
C: a12 XLIST "" "*"
S: a12 BAD
C: b12 NOOP
S: b12 OK
C: a13 XLIST "" "*"
S: a13 BAD
C: b13 NOOP
S: b13 OK
C: a14 XLIST "" "*"
S: a14 BAD
C: b14 NOOP
S: b14 OK
C: a15 XLIST "" "*"
S: a15 BAD
C: b15 NOOP
S: b15 OK
C: a16 XLIST "" "*"
S: a16 BAD
C: b16 NOOP
S: b16 OK
C: a17 XLIST "" "*"
S: a17 BAD
C: b17 NOOP
S: b17 OK
C: a18 XLIST "" "*"
S: a18 BAD
C: b18 NOOP
S: b18 OK
C: a19 XLIST "" "*"
S: a19 BAD
C: b19 NOOP
S: b19 OK
C: a20 XLIST "" "*"
S: a20 BAD
C: b20 NOOP
S: b20 OK
C: a21 XLIST "" "*"
S: a21 BAD
C: b21 NOOP
S: b21 OK
C: a22 XLIST "" "*"
S: a22 BAD
C: b22 NOOP
S: b22 OK
C: a23 XLIST "" "*"
S: a23 BAD
C: b23 NOOP
S: b23 OK
C: a24 XLIST "" "*"
S: a24 BAD
C: b24 NOOP
S: b24 OK
C: a25 XLIST "" "*"
S: a25 BAD
C: b25 NOOP
S: b25 OK
