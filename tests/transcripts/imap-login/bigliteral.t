# A literal too large is refused; one that is on its way is read over, with its line.
S: * OK
C: a1 LOGIN {20000}
S: a1 BAD Too large literal
C~ a2 LOGIN {20000+}\r\n\<20000*y> x\r\n
S: a2 BAD Too large literal
C: a3 NOOP
S: a3 OK
C: a4 LOGIN {99999999999+}
S= * BYE Input buffer full, aborting
closed
