# What a local client left out is added.
conf local_header_rewrite_clients = permit_inet_interfaces
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<>
C: RCPT TO:<alice@demo.test>
C: DATA
C: X: y
C: .
E: cleanup: open
E: QID1
E: /id=<20260901100000.QID1@mx.demo.test> /
E: cleanup: to
E: /X: y\|Message-Id: <20260901100000.QID1@mx.demo.test>\|Date: Tue, 01 Sep 2026 10:00:00 \+0000 \(UTC\)\|From: MAILER-DAEMON\|$/
S: 250
S: 250
S: 354
S: 250
