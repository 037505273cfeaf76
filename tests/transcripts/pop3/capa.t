# what is offered depends on the channel; after TLS and after login it changes
conf tls = offered
conf cleartext = no
conf mechs = SCRAM-SHA-256
S= +OK Buzon ready.
C: CAPA
S= +OK
S= CAPA
S= TOP
S= UIDL
S= RESP-CODES
S= PIPELINING
S= AUTH-RESP-CODE
S= STLS
S= SASL SCRAM-SHA-256
S= .
C: USER alice
S: -ERR [AUTH] Plaintext authentication disallowed
C: PASS pw
S: -ERR [AUTH] Plaintext authentication disallowed
C: AUTH PLAIN AGFsaWNlAHB3
S: -ERR [AUTH] Plaintext authentication disallowed
C: stls
E= tls
S= +OK Begin TLS negotiation now.
# injected before the handshake: must never be read
C: USER mallory
wait
event tls
C: capa
S= +OK
S= CAPA
S= TOP
S= UIDL
S= RESP-CODES
S= PIPELINING
S= AUTH-RESP-CODE
S= USER
S= SASL SCRAM-SHA-256
S= .
C: PASS pw
S= -ERR No username given.
C: STLS
S= -ERR TLS is already active.
C: USER alice
S= +OK
C: PASS pw
E= pass alice pw
S= +OK Logged in.
C: CAPA
S= +OK
S= CAPA
S= TOP
S= UIDL
S= RESP-CODES
S= PIPELINING
S= AUTH-RESP-CODE
S= .
C: STLS
S= -ERR Unknown command: STLS
