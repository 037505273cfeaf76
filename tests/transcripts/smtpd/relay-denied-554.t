conf smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
S: 220
C: MAIL FROM:<>
S: 250
C: RCPT TO:<a@other.example>
S= 554 5.7.1 <a@other.example>: Relay access denied
C: RCPT TO:<ed@relay.test>
S= 250 2.1.5 Ok
