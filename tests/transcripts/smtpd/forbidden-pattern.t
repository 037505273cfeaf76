S: 220
C: 1abc
S: 221
closed
