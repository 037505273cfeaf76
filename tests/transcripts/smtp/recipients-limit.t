# Some recipients beyond the limit cost nothing, more of them are errors.
conf recipient_limit = 2
conf recipient_overshoot_limit = 1
conf soft_errors = 10
conf hard_errors = 2
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: RCPT TO:<b@demo.test>
C: RCPT TO:<c@demo.test>
C: RCPT TO:<d@demo.test>
C: RCPT TO:<e@demo.test>
E: mail
E: rcpt <a@
E: rcpt <b@
E= note: too many errors after RCPT from client.test[192.0.2.1]
E= abort
E= close helo=1 mail=1 rcpt=3/5 commands=5/7
S: 250
S: 250
S: 250
S= 452 4.5.3 Error: too many recipients
S= 452 4.5.3 Error: too many recipients
S= 452 4.5.3 Error: too many recipients
S= 421 4.7.0 mx.demo.test Error: too many errors
closed
