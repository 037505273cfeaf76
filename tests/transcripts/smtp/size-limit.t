# A message that grows over the limit is read to its end and refused.
conf size_limit = 5000
S: 220
C: HELO x
S: 250
C: MAIL FROM:<x@y.example>
C: RCPT TO:<a@demo.test>
C: DATA
S: 250
S: 250
S: 354
C~ \<90*xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx>\r\n.\r\n
S= 552 5.3.4 Error: message file too big
C: MAIL FROM:<x@y.example>
S= 250 2.1.0 Ok
