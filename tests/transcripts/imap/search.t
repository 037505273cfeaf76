S: l1 OK
event deliver INBOX Date: Mon, 1 Jan 2024 23:30:00 -0500\nFrom: Bob <bob@x.test>\nSubject: =?utf-8?q?Caf=C3=A9?= time\n\nhello world\n
event deliver INBOX From: alice@x.test\nX-Test: yes\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nna=EFve HELLO=\n joined\n
event deliver INBOX Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Transfer-Encoding: base64\n\nc2VjcmV0IHRleHQ=\n--B\nContent-Type: application/octet-stream\n\nhidden\n--B\nContent-Type: message/rfc822\n\nSubject: Inner\n\ndeep\n--B--\n
C: a1 SELECT INBOX
S: * FLAGS
S: * OK
S: * 3 EXISTS
S: * 3 RECENT
S: * OK
S: * OK
S: * OK
S: a1 OK
C: a2 STORE 2 +FLAGS.SILENT (\Seen $Junk)
S: * FLAGS
S: * OK
S: a2 OK
C~ b1 SEARCH ALL\r\nb2 SEARCH SEEN\r\nb3 SEARCH UNSEEN\r\nb4 SEARCH NEW\r\nb5 SEARCH OLD\r\nb6 SEARCH KEYWORD $junk\r\nb7 SEARCH UNKEYWORD $junk\r\nb8 SEARCH 2:*\r\nb9 UID SEARCH UID 1,3,9\r\n
S= * SEARCH 1 2 3
S= b1 OK Search completed.
S= * SEARCH 2
S: b2 OK
S= * SEARCH 1 3
S: b3 OK
S= * SEARCH 1 3
S: b4 OK
S= * SEARCH
S: b5 OK
S= * SEARCH 2
S: b6 OK
S= * SEARCH 1 3
S: b7 OK
S= * SEARCH 2 3
S: b8 OK
S= * SEARCH 1 3
S: b9 OK
C~ c1 SEARCH FROM bob\r\nc2 SEARCH SUBJECT "CAF\xc3\x89"\r\nc3 SEARCH HEADER X-Test ""\r\nc4 SEARCH HEADER X-Test no\r\nc5 SEARCH TEXT "X-Test: YES"\r\nc6 SEARCH NOT FROM x.test\r\n
S= * SEARCH 1
S: c1 OK
S= * SEARCH 1
S: c2 OK
S= * SEARCH 2
S: c3 OK
S= * SEARCH
S: c4 OK
S= * SEARCH 2
S: c5 OK
S= * SEARCH 3
S: c6 OK
C~ d1 SEARCH BODY hello\r\nd2 SEARCH BODY "hello joined"\r\nd3 SEARCH CHARSET iso-8859-1 BODY "NA\xcfVE"\r\nd4 SEARCH BODY "secret text"\r\nd5 SEARCH BODY hidden\r\nd6 SEARCH BODY deep\r\nd7 SEARCH BODY "subject: inner"\r\nd8 SEARCH BODY ""\r\nd9 SEARCH BODY bob\r\n
S= * SEARCH 1 2
S: d1 OK
S= * SEARCH 2
S: d2 OK
S= * SEARCH 2
S: d3 OK
S= * SEARCH 3
S: d4 OK
S= * SEARCH
S: d5 OK
S= * SEARCH 3
S: d6 OK
S= * SEARCH 3
S: d7 OK
S= * SEARCH 1 2 3
S: d8 OK
S= * SEARCH
S: d9 OK
C~ e1 SEARCH SENTON 1-Jan-2024\r\ne2 SEARCH SENTSINCE 2-Jan-2024\r\ne3 SEARCH SENTBEFORE 2-Jan-2024\r\ne4 SEARCH ON 3-Feb-2001\r\ne5 SEARCH BEFORE 3-Feb-2001\r\ne6 SEARCH SINCE 3-Feb-2001\r\ne7 SEARCH LARGER 200\r\ne8 SEARCH SMALLER 200\r\n
S= * SEARCH 1
S: e1 OK
S= * SEARCH
S: e2 OK
S= * SEARCH 1
S: e3 OK
S= * SEARCH 1 2 3
S: e4 OK
S= * SEARCH
S: e5 OK
S= * SEARCH 1 2 3
S: e6 OK
S= * SEARCH 3
S: e7 OK
S= * SEARCH 1 2
S: e8 OK
C~ f1 SEARCH OR FROM bob SEEN\r\nf2 SEARCH (SEEN FROM alice)\r\nf3 SEARCH NOT (SEEN FROM alice)\r\nf4 SEARCH NOT OR TEXT secret FROM bob\r\n
S= * SEARCH 1 2
S: f1 OK
S= * SEARCH 2
S: f2 OK
S= * SEARCH 1 3
S: f3 OK
S= * SEARCH 2
S: f4 OK
C~ g1 SEARCH CHARSET x-no TEXT a\r\ng2 SEARCH FOO\r\ng3 SEARCH\r\ng4 SEARCH 9\r\ng5 SEARCH OR SEEN\r\n
S= g1 NO [BADCHARSET] Unknown charset
S= g2 BAD Error in IMAP command SEARCH: Unknown search key.
S= g3 BAD Error in IMAP command SEARCH: Missing search parameters.
S= * SEARCH
S: g4 OK
S: g5 BAD
event deliver INBOX Subject: folded at\n\ta tab\n\nx\n
C~ h1 NOOP\r\nh2 SEARCH SUBJECT "at a tab"\r\nh3 SEARCH TEXT "subject: folded at a tab"\r\n
S: * 4 EXISTS
S: * 4 RECENT
S: h1 OK
S= * SEARCH 4
S: h2 OK
S= * SEARCH 4
S: h3 OK
