S: 220
C: AUTH PLAIN
S= 503 5.5.1 Error: authentication not enabled
