# The same with a table in another process: the message waits, whatever follows waits too.
conf local_header_rewrite_clients = permit_inet_interfaces
conf canonical_maps = proxy:hash:/slow
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<joe@demo.test>
C: RCPT TO:<alice@demo.test>
C: DATA
C: From: bad1@y.example
C: Message-Id: <a@b>
C: Date: now
C: To: bob, broken@y.example
C: Cc: carol
C:
C: body
C: .
C: MAIL FROM:<joe@demo.test>
C: RCPT TO:<alice@demo.test>
C: DATA
C: Date: now
C: Message-Id: <a@b>
C: From: joe
C: .
C: NOOP
E: cleanup: open
E: QID1: client
E= warning: QID1: header addresses stay as they are: table proxy:hash:/slow: lookup failed
E: cleanup: from
E: cleanup: to
E: /\|From: REJECT@demo.test\|Message-Id: <a@b>\|Date: now\|To: bob, broken@y.example\|Cc: carol@demo.test\|\|body\|$/
E: cleanup: open
E: QID2: client
E: cleanup: from
E: cleanup: to
E: /\|Date: now\|Message-Id: <a@b>\|From: joe@demo.test\|$/
S: 250
S: 250
S: 354
S: 250 2.0.0
S: 250
S: 250
S: 354
S: 250 2.0.0
S: 250 2.0.0 Ok
