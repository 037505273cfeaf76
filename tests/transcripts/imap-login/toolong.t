# A command without end is cut off long before memory matters.
S: * OK
C~ a1 LOGIN \<90000*x>
S= * BYE Input buffer full, aborting
closed
