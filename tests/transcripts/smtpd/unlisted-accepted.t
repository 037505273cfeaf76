conf smtpd_reject_unlisted_recipient = no
conf show_user_unknown_table_name = no
S: 220
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<nobody@demo.test>
S= 250 2.1.5 Ok
