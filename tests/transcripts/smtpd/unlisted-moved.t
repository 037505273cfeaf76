# What routes say comes before what tables of recipients do not know; an alias goes its own way.
conf relocated_maps = inline:{alice=alice@new.example, gone=gone@new.example, aka@demo.test=x@new.example}
conf transport_maps = inline:{{relay.test=error:5.7.0 not today}, {vm.test=retry:4.4.1 come again}}
conf virtual_alias_maps = inline:{dave@va.test=alice, aka@demo.test=bob}
S: 220
C: MAIL FROM:<x@y.example>
S: 250
C: RCPT TO:<alice@demo.test>
S= 550 5.1.6 <alice@demo.test>: Recipient address rejected: User has moved to alice@new.example
C: RCPT TO:<ed@relay.test>
S= 550 5.7.0 <ed@relay.test>: Recipient address rejected: not today
C: RCPT TO:<gone@demo.test>
S= 550 5.1.6 <gone@demo.test>: Recipient address rejected: User has moved to gone@new.example
C: RCPT TO:<nobody@vm.test>
S= 450 4.4.1 <nobody@vm.test>: Recipient address rejected: come again
C: RCPT TO:<aka@demo.test>
S: 250
C: RCPT TO:<nobody@demo.test>
S: 550 5.1.1 
