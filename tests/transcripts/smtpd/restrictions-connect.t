conf smtpd_delay_reject = no
conf smtpd_client_restrictions = check_client_access cidr:{{127.0.0.0/8 REJECT not you}}
E: connect
E= NOQUEUE: reject: CONNECT from client.test[127.0.0.1]: 554 5.7.1 <client.test[127.0.0.1]>: Client host rejected: not you; proto=SMTP
S= 554 5.7.1 <client.test[127.0.0.1]>: Client host rejected: not you
C: EHLO h
S= 503 5.7.0 Error: access denied for client.test[127.0.0.1]
C: QUIT
S: 221
E= disconnect from client.test[127.0.0.1] ehlo=0/1 quit=1 commands=1/2
E: anvil
closed
