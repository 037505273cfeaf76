# Senders of our own domains that no table knows; sender_canonical_maps are theirs only.
conf smtpd_reject_unlisted_sender = yes
conf sender_canonical_maps = inline:{old@demo.test=bob@demo.test}
conf transport_maps = inline:{{dead.example=error:5.1.8 no such domain}}
S: 220
C: HELO h
S: 250
C: MAIL FROM:<nobody@demo.test>
S: 250
C: RCPT TO:<alice@demo.test>
S= 550 5.1.0 <nobody@demo.test>: Sender address rejected: User unknown in local recipient table
C: RSET
S: 250
C: MAIL FROM:<old@demo.test>
S: 250
C: RCPT TO:<old@demo.test>
S: 550 5.1.1 
C: RCPT TO:<alice@demo.test>
S: 250
C: RSET
S: 250
C: MAIL FROM:<x@dead.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 550 5.1.8 <x@dead.example>: Sender address rejected: no such domain
