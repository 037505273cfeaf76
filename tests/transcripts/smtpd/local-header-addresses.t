# Addresses in the header of a local client: standard form, canonical maps, masquerading.
conf local_header_rewrite_clients = permit_inet_interfaces
conf append_dot_mydomain = yes
conf canonical_maps = inline:{joe=Joe.Doe, {kim@old.example=kim@new.example}}
conf masquerade_domains = mq.example
S: 220
E: connect
C: HELO h
S: 250
C: MAIL FROM:<joe@demo.test>
C: RCPT TO:<alice@demo.test>
C: DATA
C: From: Joe <joe>
C: Message-Id: <a@b>
C: Date: now
C: To: alice@host, "K. Im" <kim@old.example>,
C:  bob
C: Cc: untouched@y.example (Comment)
C: Reply-To: x@a.mq.example
C: Subject: joe@old.example
C:
C: To: joe
C: .
E: cleanup: open
E: QID1
E: cleanup: from
E: cleanup: to
E: /\|From: Joe <Joe.Doe@demo.test>\|Message-Id: <a@b>\|Date: now\|To: alice@host.demo.test,\|\\x09"K. Im" <kim@new.example>,\|\\x09bob@demo.test\|Cc: untouched@y.example \(Comment\)\|Reply-To: x@mq.example\|Subject: joe@old.example\|\|To: joe\|$/
S: 250
S: 250
S: 354
S: 250
