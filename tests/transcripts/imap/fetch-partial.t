# Partial fetches count bytes on the wire, where each LF in the file is two; the announced size is
# exact at every cut, also between CR and LF.
S: l1 OK
event deliver INBOX A: b\n\nx\ny\n
C: a1 EXAMINE INBOX
S: * FLAGS
S: * OK
S: * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: b1 FETCH 1 (BODY[]<0.5> BODY[]<5.1> BODY[]<6.100>)
S= * 1 FETCH (BODY[]<0> {5}
S: A: b
S: /^/
S: /^ BODY\[\]<6> \{8\}/
S= 
S= x
S= y
S= )
S: b1 OK
C: b2 FETCH 1 (BODY[]<13.9> BODY[]<14.1> BODY[]<99.1> BODY[TEXT]<1.3>)
S= * 1 FETCH (BODY[]<13> {1}
S= 
S=  BODY[]<14> {0}
S=  BODY[]<99> {0}
S=  BODY[TEXT]<1> {3}
S: /^/
S= y)
S: b2 OK
