S: * OK
tick 301s
S= * BYE Disconnected for inactivity.
closed
