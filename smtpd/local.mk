# smtpd: the SMTP server
noinst_LIBRARIES += smtpd/libsmtpd.a
smtpd_libsmtpd_a_SOURCES = smtpd/access.c smtpd/ask.c smtpd/auth.c smtpd/checks.c \
	smtpd/command.c smtpd/footer.c smtpd/footer.h smtpd/message.c smtpd/names.c smtpd/names.h smtpd/params.def smtpd/received.c smtpd/report.c \
	smtpd/restrict.c smtpd/restrict.h smtpd/session.c smtpd/session.h smtpd/setup.c \
	smtpd/smtpd.h
SMTPD_LIBS = smtpd/libsmtpd.a $(ADDRESS_LIB) $(SMTP_LIB) $(MAIL_LIB) $(TLS_LIBS) $(DAEMON_LIBS) \
	$(UNISTRING_LIBS)
daemon_PROGRAMS += smtpd/smtpd
smtpd_smtpd_SOURCES = smtpd/main.c smtpd/standalone.c smtpd/standalone.h
smtpd_smtpd_LDADD = smtpd/libsmtpd.a $(ADDRESS_LIB) $(SMTP_LIB) $(QUEUE_LIB) $(MAIL_LIB) $(TLS_LIBS) \
	$(DAEMON_LIBS) $(UNISTRING_LIBS)
EXTRA_DIST += smtpd/README.md

check_PROGRAMS += tests/transcripts/test_smtpd
TESTS += tests/transcripts/test_smtpd
tests_transcripts_test_smtpd_SOURCES = tests/transcripts/test_smtpd.c
tests_transcripts_test_smtpd_LDADD = $(TRANSCRIPT_LIB) $(SMTPD_LIBS)
dist_check_SCRIPTS += tests/unit/smtpd/test_standalone
TESTS += tests/unit/smtpd/test_standalone
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/smtpd/test_names
TESTS += tests/unit/smtpd/test_names
endif
tests_unit_smtpd_test_names_SOURCES = tests/unit/smtpd/test_names.c tests/unit/unit.h smtpd/names.c \
	smtpd/names.h
tests_unit_smtpd_test_names_LDADD = $(BASE_LIB) $(CMOCKA_LIBS)
