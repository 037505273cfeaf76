conf vrfy_disabled = yes
S: 220
C: EHLO x
S: 250-mx
S= 250-PIPELINING
S: 250-SIZE
S= 250-STARTTLS
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 CHUNKING
C: VRFY alice
S= 502 5.5.1 VRFY command is disabled
