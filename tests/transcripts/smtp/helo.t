# HELO has a one-line reply; both forms want a name; a second one replaces the first.
S: 220
C: HELO
S= 501 Syntax: HELO hostname
C: EHLO
S= 501 Syntax: EHLO hostname
C: helo client.test
S= 250 mx.demo.test
C: HELO two words
S= 250 mx.demo.test
C: NOOP
S= 250 2.0.0 Ok
C: NOOP with text
S= 250 2.0.0 Ok
C: QUIT whatever
S= 221 2.0.0 Bye
E= close helo=2/3 ehlo=0/1 noop=2 quit=1 commands=5/7
closed
