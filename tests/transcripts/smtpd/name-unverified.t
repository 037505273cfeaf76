# A name that does not lead back to the address is told, and not used.
conf resolver = !liar.example
E= warning: hostname liar.example does not resolve to address 127.0.0.1
E= connect from unknown[127.0.0.1]
S: 220
