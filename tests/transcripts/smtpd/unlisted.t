# Recipients that no table knows, in each class of addresses.
S: 220
E: connect
C: EHLO h
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250-
S: 250 
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<nobody@demo.test>
E= NOQUEUE: reject: RCPT from client.test[127.0.0.1]: 550 5.1.1 <nobody@demo.test>: Recipient address rejected: User unknown in local recipient table; from=<x@y.example> to=<nobody@demo.test> proto=ESMTP helo=<h>
S= 550 5.1.1 <nobody@demo.test>: Recipient address rejected: User unknown in local recipient table
C: RCPT TO:<nobody>
E: /550 5.1.1 <nobody>: .* to=<nobody> /
S= 550 5.1.1 <nobody>: Recipient address rejected: User unknown in local recipient table
C: RCPT TO:<x@vm.test>
E: NOQUEUE: reject
S= 550 5.1.1 <x@vm.test>: Recipient address rejected: User unknown in virtual mailbox table
C: RCPT TO:<x@va.test>
E: NOQUEUE: reject
S= 550 5.1.1 <x@va.test>: Recipient address rejected: User unknown in virtual alias table
C: RCPT TO:<x@relay.test>
E: NOQUEUE: reject
S= 550 5.1.1 <x@relay.test>: Recipient address rejected: User unknown in relay recipient table
C: RCPT TO:<"a b"@demo.test>
E: /550 5.1.1 <a b@demo.test>: .* to=<"a b"@demo.test> /
S= 550 5.1.1 <a b@demo.test>: Recipient address rejected: User unknown in local recipient table
C: RCPT TO:<ALICE>
S: 250
C: RCPT TO:<Carol@VM.test>
S: 250
C: RCPT TO:<dave@va.test>
S: 250
C: RCPT TO:<ed@relay.test>
S: 250
C: RCPT TO:<postmaster>
S: 250
C: RCPT TO:<Postmaster@demo.test>
S: 250
C: RCPT TO:<MAILER-DAEMON@demo.test>
S: 250
C: RCPT TO:<postmaster@vm.test>
E: NOQUEUE: reject
S: 550 5.1.1 
C: VRFY nobody
E= NOQUEUE: reject: VRFY from client.test[127.0.0.1]: 550 5.1.1 <nobody>: Recipient address rejected: User unknown in local recipient table; from=<x@y.example> to=<nobody> proto=ESMTP helo=<h>
S: 550
C: VRFY <alice@demo.test>
S= 252 2.0.0 <alice@demo.test>
