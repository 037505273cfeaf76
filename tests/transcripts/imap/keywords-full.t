# A Maildir has letters for 26 keywords; a 27th is refused with a code that says so, and \* has gone.
S: l1 OK
event deliver INBOX A: 1\n\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S= * 1 EXISTS
S: * 1 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 STORE 1 +FLAGS.SILENT (k0 k1 k2 k3 k4 k5 k6 k7 k8 k9 k10 k11 k12 k13 k14 k15 k16 k17 k18 k19 k20 k21 k22 k23 k24 k25)
S: * FLAGS
S= * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft k0 k1 k2 k3 k4 k5 k6 k7 k8 k9 k10 k11 k12 k13 k14 k15 k16 k17 k18 k19 k20 k21 k22 k23 k24 k25)] Flags permitted.
S: a2 OK
C: a3 STORE 1 +FLAGS (more)
S= a3 NO [LIMIT] Too many keywords in this mailbox
C: a4 STORE 1 FLAGS (k25 \Seen)
S= * 1 FETCH (FLAGS (\Seen \Recent k25))
S: a4 OK
C: a5 STORE 1 -FLAGS (more k25)
S= * 1 FETCH (FLAGS (\Seen \Recent))
S: a5 OK
