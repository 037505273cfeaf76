# What Thunderbird says to a mailbox it has not seen.
S: l1 OK [CAPABILITY
event deliver INBOX From: A <a@x.example>\nTo: b@x.example\nSubject: one\nDate: Sun, 22 Nov 2026 10:00:00 +0000\nMessage-ID: <1@x.example>\n\nfirst\n
event deliver INBOX From: A <a@x.example>\nSubject: two\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: text/html\n\n<p>\n--b--\n
C: 1 ID ("name" "Thunderbird" "version" "128.4.0")
S= * ID ("name" "Buzon")
S= 1 OK ID completed.
C: 2 namespace
S= * NAMESPACE (("" ".")) NIL NIL
S= 2 OK Namespace completed.
C~ 3 create "Trash"\r\n4 subscribe "Trash"\r\n5 list "" "*"\r\n6 lsub "" "*"\r\n7 list "" "INBOX"\r\n
S: 3 OK
S: 4 OK
S= * LIST (\HasNoChildren) "." INBOX
S= * LIST (\HasNoChildren) "." Trash
S: 5 OK
S= * LSUB () "." Trash
S: 6 OK
S= * LIST (\HasNoChildren) "." INBOX
S: 7 OK
C: 8 STATUS "INBOX" (UIDNEXT MESSAGES UNSEEN RECENT)
S= * STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UNSEEN 2)
S: 8 OK
C: 9 select "INBOX"
S= * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
S= * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags permitted.
S= * 2 EXISTS
S= * 2 RECENT
S= * OK [UNSEEN 1] First unseen.
S: * OK [UIDVALIDITY
S= * OK [UIDNEXT 3] Predicted next UID
S= 9 OK [READ-WRITE] Select completed.
C: 10 UID fetch 1:* (FLAGS)
S= * 1 FETCH (UID 1 FLAGS (\Recent))
S= * 2 FETCH (UID 2 FLAGS (\Recent))
S: 10 OK
C: 11 UID fetch 1:2 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])
S= * 1 FETCH (UID 1 RFC822.SIZE 129 FLAGS (\Recent) BODY[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)] {122}
S= From: A <a@x.example>
S= To: b@x.example
S= Subject: one
S= Date: Sun, 22 Nov 2026 10:00:00 +0000
S= Message-ID: <1@x.example>
S= 
S= )
S= * 2 FETCH (UID 2 RFC822.SIZE 140 FLAGS (\Recent) BODY[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)] {82}
S= From: A <a@x.example>
S= Subject: two
S= Content-Type: multipart/mixed; boundary=b
S= 
S= )
S: 11 OK
C: 12 UID fetch 2 (UID RFC822.SIZE BODY[])
S: * 2 FETCH (UID 2 RFC822.SIZE 140 FLAGS (\Seen \Recent) BODY[] {140}
S= From: A <a@x.example>
S= Subject: two
S= Content-Type: multipart/mixed; boundary=b
S= 
S= --b
S= 
S= Hello
S= --b
S= Content-Type: text/html
S= 
S= <p>
S= --b--
S= )
S: 12 OK
C: 13 UID fetch 2 (BODYSTRUCTURE)
S= * 2 FETCH (UID 2 BODYSTRUCTURE (("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL NIL NIL)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 3 0 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL))
S: 13 OK
C: 14 UID fetch 2 (UID BODY.PEEK[1.MIME] BODY.PEEK[2]<0.2>)
S= * 2 FETCH (UID 2 BODY[1.MIME] {2}
S= 
S=  BODY[2]<0> {2}
S= <p)
S: 14 OK
C: 15 uid store 1 +FLAGS ($label1 NonJunk)
S= * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $label1 NonJunk)
S: * OK [PERMANENTFLAGS
S= * 1 FETCH (UID 1 FLAGS (\Recent $label1 NonJunk))
S: 15 OK
C: 16 UID SEARCH UNDELETED KEYWORD $Label1
S= * SEARCH 1
S: 16 OK
C: 17 uid copy 1 "Trash"
S: /^17 OK \[COPYUID [0-9]+ 1 1\]/
C: 18 uid store 1 +FLAGS (\Deleted \Seen)
S= * 1 FETCH (UID 1 FLAGS (\Deleted \Seen \Recent $label1 NonJunk))
S: 18 OK
C: 19 IDLE
S= + idling
event deliver INBOX Subject: three\n\n
S= * 3 EXISTS
S= * 3 RECENT
C~ DONE\r\n20 noop\r\n21 UID fetch 3:* (FLAGS)\r\n
S= 19 OK Idle completed.
S= 20 OK NOOP completed.
S= * 3 FETCH (UID 3 FLAGS (\Recent))
S: 21 OK
C: 22 expunge
S= * 1 EXPUNGE
S: 22 OK
C~ 23 append "Trash" (\\Seen) {7+}\r\nA: 1\r\n\r\r\n24 close\r\n25 logout\r\n
S: /^23 OK \[APPENDUID [0-9]+ 2\]/
S: 24 OK
S: * BYE
S: 25 OK
closed
