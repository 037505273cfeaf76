conf smtpd_discard_ehlo_keywords = dsn, chunking
conf smtpd_discard_ehlo_keyword_address_maps = cidr:{{127.0.0.0/8 smtputf8, vrfy}}
S: 220
C: EHLO h
S: 250-
S: 250-PIPELINING
S: 250-SIZE
S: 250-ENHANCEDSTATUSCODES
S= 250 8BITMIME
