# one packet from USER to QUIT
S: +OK
C: USER alice
C: PASS pw
C: STAT
C: RETR 1
C: DELE 1
C: QUIT
C: STAT
S= +OK
S= +OK Logged in.
S= +OK 3 96
S= +OK 41 octets
S= Subject: one
S= 
S= hello
S= ..dot
S= ...two
S= end
S= .
S= +OK Marked to be deleted.
S= +OK Logging out, messages deleted.
closed
E= pass alice pw
E= quit del1 seen1
E= top=0/0, retr=1/58, del=1/3, size=96
