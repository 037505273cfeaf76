# Who speaks before the greeting is no mail client; nothing of it is heard.
conf smtpd_forbid_unauth_pipelining = yes
conf early = EHLO h
E: connect
S= 554 5.5.0 Error: SMTP protocol synchronization
eof
E= disconnect from client.test[127.0.0.1] commands=0/0
E: anvil: disconnect
closed
