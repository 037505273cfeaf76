conf mechanisms = LOGIN
S: 220
C: AUTH LOGIN
S= 334 VXNlcm5hbWU6
C: *
E= warning: client.test[192.0.2.1]: SASL LOGIN authentication aborted
E= auth canceled
S= 501 5.7.0 Authentication aborted
C: AUTH LOGIN
S= 334 VXNlcm5hbWU6
C: Ym9i
S= 334 UGFzc3dvcmQ6
C: not base64
E: /^warning: .* SASL LOGIN authentication failed: Invalid base64 data in continued response/
E= auth canceled
S= 535 5.7.8 Error: authentication failed: Invalid base64 data in continued response
C: AUTH LOGIN
S= 334 VXNlcm5hbWU6
C: Ym9i
S= 334 UGFzc3dvcmQ6
C: c2VjcmV0
S= 235 2.7.0 Authentication successful
C: QUIT
E= close auth=1/3 quit=1 commands=2/4
S: 221
