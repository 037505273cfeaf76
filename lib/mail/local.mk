# lib/mail: layer 3, what a message is made of
noinst_LIBRARIES += lib/mail/libmail.a
lib_mail_libmail_a_SOURCES = \
	lib/mail/addr.h lib/mail/charset.h lib/mail/date.h lib/mail/enc.h \
	lib/mail/header.c lib/mail/header.h lib/mail/mime.h lib/mail/mime_type.h lib/mail/wire.h
MAIL_LIB = lib/mail/libmail.a
EXTRA_DIST += lib/mail/README.md
