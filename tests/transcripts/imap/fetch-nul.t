# A NUL in a message cannot be in a literal: 0x80 stands for it, as in Dovecot.
S: l1 OK
event deliver INBOX A: b\n\nx\x00y\n
C: a1 EXAMINE INBOX
S: * FLAGS
S: * OK
S: * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 FETCH 1 BODY[TEXT]
S= * 1 FETCH (BODY[TEXT] {5}
S: /^x.y$/
S= )
S: a2 OK
