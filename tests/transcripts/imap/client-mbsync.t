# mbsync sends without waiting and finds its own messages by X-TUID right behind an APPEND.
S: l1 OK
C~ 2 NAMESPACE\r\n3 LIST "" "*"\r\n4 SELECT "INBOX"\r\n5 UID FETCH 1:* (UID FLAGS)\r\n
S: * NAMESPACE
S: 2 OK
S: * LIST
S: 3 OK
S: * FLAGS
S: * OK
S= * 0 EXISTS
S= * 0 RECENT
S: * OK
S: * OK
S: 4 OK
S: 5 OK
C~ 6 APPEND "INBOX" (\\Seen) {40+}\r\nX-TUID: abcdefghijkl\r\nSubject: x\r\n\r\nbo\r\n\r\n7 APPEND "INBOX" {5+}\r\nA: b\n\r\n8 UID SEARCH HEADER X-TUID abcdefghijkl\r\n9 UID FETCH 1:2 (UID FLAGS BODY.PEEK[HEADER.FIELDS (X-TUID)])\r\n
S= * 1 EXISTS
S= * 1 RECENT
S: /^6 OK \[APPENDUID [0-9]+ 1\]/
S= * 2 EXISTS
S= * 2 RECENT
S: /^7 OK \[APPENDUID [0-9]+ 2\]/
S= * SEARCH 1
S: 8 OK
S= * 1 FETCH (UID 1 FLAGS (\Seen \Recent) BODY[HEADER.FIELDS (X-TUID)] {24}
S= X-TUID: abcdefghijkl
S= 
S= )
S= * 2 FETCH (UID 2 FLAGS (\Recent) BODY[HEADER.FIELDS (X-TUID)] {2}
S= 
S= )
S: 9 OK
C~ 10 UID STORE 1 +FLAGS.SILENT (\\Deleted)\r\n11 UID STORE 2 +FLAGS (\\Flagged)\r\n12 CLOSE\r\n13 SELECT INBOX\r\n14 UID FETCH 1:* FLAGS\r\n15 LOGOUT\r\n
S: 10 OK
S= * 2 FETCH (UID 2 FLAGS (\Flagged \Recent))
S: 11 OK
S: 12 OK
S: * FLAGS
S: * OK
S= * 1 EXISTS
S= * 0 RECENT
S: * OK
S: * OK
S: * OK
S: 13 OK
S= * 1 FETCH (UID 2 FLAGS (\Flagged))
S: 14 OK
S: * BYE
S: 15 OK
closed
