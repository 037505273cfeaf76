# From the soft limit on every reply is late, and pipelined commands wait.
conf soft_errors = 2
conf error_sleep_ms = 1000
S: 220
C: FOO
S: 500
C: FOO
S: 500
C: FOO
tick 999ms
tick 1ms
S= 500 5.5.2 Error: command not recognized
C: NOOP
C: NOOP
tick 1s
S= 250 2.0.0 Ok
tick 1s
S= 250 2.0.0 Ok
C: QUIT
tick 1s
S= 221 2.0.0 Bye
closed
