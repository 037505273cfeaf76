S: 220
C: Subject: hello
S= 221 2.7.0 Error: I can break rules, too. Goodbye.
closed
