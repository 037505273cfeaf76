conf show_user_unknown_table_name = no
conf unknown_local_recipient_reject_code = 450
S: 220
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<nobody@demo.test>
S= 450 4.1.1 <nobody@demo.test>: Recipient address rejected: User unknown
