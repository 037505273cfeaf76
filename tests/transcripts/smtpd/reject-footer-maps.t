# A table asked for the whole reply decides first; \c keeps the footer on the reply's line; a name it does not know
# leaves the footer out, with a warning; with soft_bounce the table still sees the refusal for good.
conf smtpd_reject_footer = \c. It is $localtime.
conf smtpd_reject_footer_maps = regexp:{{/^550 5\.1\.1 .*User unknown/ \c (no such user on $$$$server_name)}, {/^500/ $$$$nothing}}
conf soft_bounce = yes
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<a@x.example>
S: 250
C: RCPT TO:<nobody@demo.test>
E: NOQUEUE: reject: RCPT
S= 450 4.1.1 <nobody@demo.test>: Recipient address rejected: User unknown in local recipient table (no such user on mx.demo.test)
C: RCPT TO:<b@other.example>
E: NOQUEUE: reject: RCPT
S: /^454 4\.7\.1 <b@other\.example>: Relay access denied\. It is [A-Z][a-z][a-z] [0-9 ][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]\.$/
C: NONSENSE
E: warning: smtpd_reject_footer: unknown name $nothing: "$nothing" is left out
S= 400 4.5.2 Error: command not recognized
