# The responses come in one packet with the command.
conf mechanisms = LOGIN
S: 220
C: AUTH LOGIN
C: Ym9i
C: c2VjcmV0
C: NOOP
S= 334 VXNlcm5hbWU6
S= 334 UGFzc3dvcmQ6
S= 235 2.7.0 Authentication successful
S= 250 2.0.0 Ok
