# A client that is not welcome gets the reply as its greeting and may only leave.
conf connect = 554 5.7.1 client.test: Client host rejected: Access denied
S= 554 5.7.1 client.test: Client host rejected: Access denied
C: EHLO x
S= 503 5.7.0 Error: access denied for client.test[192.0.2.1]
C: MAIL FROM:<x@y.example>
S= 503 5.7.0 Error: access denied for client.test[192.0.2.1]
C: FOO
S= 500 5.5.2 Error: command not recognized
C: QUIT
S= 221 2.0.0 Bye
closed
