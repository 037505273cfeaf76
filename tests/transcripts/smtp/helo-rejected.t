conf helo = 550 5.7.1 <x>: Helo command rejected: Access denied
conf helo_required = yes
S: 220
C: HELO x
S= 550 5.7.1 <x>: Helo command rejected: Access denied
C: MAIL FROM:<x@y.example>
S= 503 5.5.1 Error: send HELO/EHLO first
