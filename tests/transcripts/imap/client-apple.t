# Apple Mail and iOS: everything about new mail in one packet behind DONE, large parts in pieces.
S: l1 OK
event deliver INBOX Subject: one\nMIME-Version: 1.0\nContent-Type: text/plain\n\n0123456789\n
C: 1 SELECT INBOX
S: * FLAGS
S: * OK
S= * 1 EXISTS
S= * 1 RECENT
S: * OK
S: * OK
S: * OK
S: 1 OK
C: 2 IDLE
S= + idling
event deliver INBOX Subject: two\n\n0123456789\n
S= * 2 EXISTS
S= * 2 RECENT
C~ DONE\r\n3 UID FETCH 2:* (INTERNALDATE UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (date subject from to cc message-id in-reply-to references content-type x-priority)])\r\n4 UID SEARCH UNSEEN\r\n5 FETCH 1 (BODYSTRUCTURE BODY.PEEK[1]<0.5>)\r\n6 FETCH 1 BODY.PEEK[1]<5.393216>\r\n7 IDLE\r\n
S= 2 OK Idle completed.
S= * 2 FETCH (UID 2 INTERNALDATE "03-Feb-2001 04:05:06 +0000" RFC822.SIZE 28 FLAGS (\Recent) BODY[HEADER.FIELDS (date subject from to cc message-id in-reply-to references content-type x-priority)] {16}
S= Subject: two
S= 
S= )
S: 3 OK
S= * SEARCH 1 2
S: 4 OK
S= * 1 FETCH (BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 12 1 NIL NIL NIL NIL) BODY[1]<0> {5}
S= 01234)
S: 5 OK
S= * 1 FETCH (BODY[1]<5> {7}
S= 56789
S= )
S: 6 OK
S= + idling
C: DONE
S: 7 OK
