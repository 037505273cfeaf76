# A TLS client hello on a plain port.
S: 220
C~ \x16\x03\x01\x02\x00\x01\x0a\r\n
S: 500
S: 500
