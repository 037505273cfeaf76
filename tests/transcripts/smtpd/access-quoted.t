# Tables know addresses as outsiders write them, or as they are. A code without a text is a number,
# and a number is OK.
conf smtpd_sender_restrictions = check_sender_access pcre:{{/^"a b"@y/ REJECT}}, check_sender_access inline:{{c d@y.example=REJECT}, {n@y.example=550}}
S: 220
C: HELO h
S: 250
C: MAIL FROM:<"a b"@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 554 5.7.1 <a b@y.example>: Sender address rejected: Access denied
C: RSET
S: 250
C: MAIL FROM:<"c d"@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 554 5.7.1 <c d@y.example>: Sender address rejected: Access denied
C: RSET
S: 250
C: MAIL FROM:<n@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S: 250
