conf smtpd_helo_restrictions = reject_non_fqdn_helo_hostname, reject_invalid_helo_hostname
S: 220
C: HELO host.example.
S: 250
C: MAIL FROM:<>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
C: HELO [192.0.2.1]
S: 250
C: MAIL FROM:<>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
C: HELO [192.0.2.256]
S: 250
C: MAIL FROM:<>
S: 250
C: RCPT TO:<alice@demo.test>
S= 501 5.5.2 <[192.0.2.256]>: Helo command rejected: invalid ip address
C: HELO host.
S: 250
C: MAIL FROM:<>
S: 250
C: RCPT TO:<alice@demo.test>
S= 504 5.5.2 <host.>: Helo command rejected: need fully-qualified hostname
