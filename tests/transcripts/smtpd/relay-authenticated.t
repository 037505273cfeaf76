# A login may relay; the log and the Received: field say who it was.
conf smtpd_sasl_auth_enable = yes
conf smtpd_sasl_authenticated_header = yes
conf local_header_rewrite_clients = permit_sasl_authenticated
S: 220
E: connect
C: EHLO h
S: 250-
S: 250-
S: 250-
S: 250-
S= 250-AUTH PLAIN LOGIN
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<a@other.example>
E: NOQUEUE: reject
S: 454
C: RSET
S: 250
C: AUTH PLAIN AGJvYgB3cm9uZw==
E= warning: client.test[127.0.0.1]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=bob
S= 535 5.7.8 Error: authentication failed: (reason unavailable)
C: AUTH FOO
E= warning: client.test[127.0.0.1]: SASL FOO authentication failed: Invalid authentication mechanism, sasl_username=(unavailable)
S= 535 5.7.8 Error: authentication failed: Invalid authentication mechanism
C: AUTH LOGIN
S= 334 VXNlcm5hbWU6
C: *
E= warning: client.test[127.0.0.1]: SASL LOGIN authentication aborted
E= auth: cancel
S: 501
C: AUTH LOGIN
S: 334
C: Ym9i
S: 334
C: c2VjcmV0
S= 235 2.7.0 Authentication successful
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<a@other.example>
S= 250 2.1.5 Ok
C: DATA
E: cleanup: open
E= QID1: client=client.test[127.0.0.1], sasl_method=LOGIN, sasl_username=bob
S: 354
C: Subject: a
C:
C: b
C: .
E: /^cleanup: from=<x@y.example> .* sasl=bob id=<20260901100000.QID1@mx.demo.test>/
E: cleanup: to
E= cleanup: commit hops=0: Received: from h (client.test [127.0.0.1])|\x09(Authenticated sender: bob)|\x09by mx.demo.test (Postfix) with ESMTPA id QID1|\x09for <a@other.example>; Tue, 01 Sep 2026 10:00:00 +0000 (UTC)|Subject: a|Message-Id: <20260901100000.QID1@mx.demo.test>|Date: Tue, 01 Sep 2026 10:00:00 +0000 (UTC)|From: x@y.example||b|
S= 250 2.0.0 Ok: queued as QID1
