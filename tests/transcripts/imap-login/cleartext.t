conf login_disabled = yes
conf tls = none
S: * OK
C: a1 LOGIN bob secret
S: * BAD [ALERT] Plaintext authentication not allowed
S: a1 NO [PRIVACYREQUIRED]
C: a2 STARTTLS
S: a2 BAD TLS support isn't enabled
