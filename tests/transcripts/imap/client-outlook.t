# What Outlook says; it also asks for what IMAP never had, and must not be hung up on.
S: l1 OK [CAPABILITY
event deliver INBOX From: A <a@x.example>\nSubject: one\n\nfirst\n
event deliver INBOX From: A <a@x.example>\nSubject: two\n\nsecond\n
C: k1 ID ("name" "Microsoft Outlook" "version" "16.0.17928")
S: * ID
S: k1 OK
C: k2 LIST "" "INBOX"
S= * LIST (\HasNoChildren) "." INBOX
S: k2 OK
C: k3 LIST "" ""
S= * LIST (\Noselect) "." ""
S: k3 OK
C: k4 XLIST "" "*"
S: k4 BAD
C: k5 LSUB "" "%"
S: k5 OK
C: k6 CREATE "Sent Items"
S: k6 OK
C: k7 SUBSCRIBE "Sent Items"
S: k7 OK
C: k8 LSUB "" "*"
S= * LSUB () "." "Sent Items"
S: k8 OK
C: k9 SELECT "INBOX"
S: * FLAGS
S: * OK [PERMANENTFLAGS
S= * 2 EXISTS
S= * 2 RECENT
S: * OK [UNSEEN 1]
S: * OK [UIDVALIDITY
S: * OK [UIDNEXT 3]
S= k9 OK [READ-WRITE] Select completed.
C: m1 UID FETCH 1:* (UID FLAGS)
S= * 1 FETCH (UID 1 FLAGS (\Recent))
S= * 2 FETCH (UID 2 FLAGS (\Recent))
S: m1 OK
C: m2 UID FETCH 1,2 (UID FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER])
S= * 1 FETCH (UID 1 FLAGS (\Recent) RFC822.SIZE 46 INTERNALDATE "03-Feb-2001 04:05:06 +0000" BODY[HEADER] {39}
S= From: A <a@x.example>
S= Subject: one
S= 
S= )
S= * 2 FETCH (UID 2 FLAGS (\Recent) RFC822.SIZE 47 INTERNALDATE "03-Feb-2001 04:05:06 +0000" BODY[HEADER] {39}
S= From: A <a@x.example>
S= Subject: two
S= 
S= )
S: m2 OK
C: m3 UID FETCH 0 (FLAGS)
S: m3 OK
C: m4 UID FETCH 2 (UID RFC822.PEEK)
S= * 2 FETCH (UID 2 RFC822 {47}
S= From: A <a@x.example>
S= Subject: two
S= 
S= second
S= )
S: m4 OK
C: m5 UID FETCH 2 (UID BODY.PEEK[]<0.20>)
S= * 2 FETCH (UID 2 BODY[]<0> {20}
S= From: A <a@x.example)
S: m5 OK
C: m6 UID STORE 2 FLAGS.SILENT (\Seen \Answered)
S: m6 OK
C: m7 UID STORE 1 +FLAGS.SILENT (\Deleted)
S: m7 OK
C: m8 UID COPY 2 "Sent Items"
S: m8 OK [COPYUID
C: m9 EXPUNGE
S= * 1 EXPUNGE
S: m9 OK
C: n1 UID SEARCH 1:* NOT DELETED
S= * SEARCH 2
S: n1 OK
C~ n2 APPEND "Sent Items" (\\Seen) "22-Nov-2026 10:00:00 +0000" {7}\r\n
S= + OK
wait
C~ A: 1\r\n\r\r\n
S: /^n2 OK \[APPENDUID [0-9]+ 2\]/
C: n3 STATUS "Sent Items" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: /^\* STATUS "Sent Items" \(MESSAGES 2 UIDNEXT 3 UIDVALIDITY [0-9]+ UNSEEN 0\)/
S: n3 OK
C: n4 LOGOUT
S: * BYE
S: n4 OK
closed
