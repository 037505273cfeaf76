# cmd: what the build makes of this folder

# what command line tools share: name, messages, configuration
noinst_LIBRARIES += cmd/libcmd.a
cmd_libcmd_a_SOURCES = cmd/tool.c cmd/tool.h
CMD_LIB = cmd/libcmd.a
CMD_LIBS = $(CMD_LIB) $(TABLE_LIB) $(CONF_LIB) $(SYS_LIB) $(BASE_LIB) $(TABLE_LIBS)

sbin_PROGRAMS += cmd/postmap cmd/postalias
cmd_map_sources = cmd/mapbuild.c cmd/mapmessage.c cmd/maptool.c cmd/maptool.h cmd/userask.c \
	cmd/userask.h
cmd_postmap_SOURCES = cmd/postmap.c $(cmd_map_sources)
cmd_postmap_LDADD = $(MAIL_LIB) $(CMD_LIB) $(TABLE_LIB) $(IPC_LIB) $(CMD_LIBS) $(UNISTRING_LIBS)
cmd_postalias_SOURCES = cmd/postalias.c $(cmd_map_sources)
cmd_postalias_LDADD = $(cmd_postmap_LDADD)

sbin_PROGRAMS += cmd/sendmail cmd/postdrop
cmd_sendmail_SOURCES = cmd/sendmail.c cmd/sendmail.h cmd/enqueue.c cmd/message.c cmd/message.h \
	cmd/params.def
cmd_sendmail_LDADD = $(QUEUE_LIB) $(MAIL_LIB) $(CMD_LIBS) $(UNISTRING_LIBS)
cmd_postdrop_SOURCES = cmd/postdrop.c
cmd_postdrop_LDADD = $(QUEUE_LIB) $(CMD_LIBS)
sbin_PROGRAMS += cmd/postcat
cmd_postcat_SOURCES = cmd/postcat.c
cmd_postcat_LDADD = $(QUEUE_LIB) $(MAIL_LIB) $(CMD_LIBS) $(UNISTRING_LIBS)

# the queue for administrators and users
cmd_queue_sources = cmd/mailq.c cmd/mailq.h cmd/queuetool.c cmd/queuetool.h
sbin_PROGRAMS += cmd/postqueue cmd/postsuper
cmd_postqueue_SOURCES = cmd/postqueue.c $(cmd_queue_sources)
cmd_postqueue_LDADD = $(QUEUE_LIB) $(MAIL_LIB) $(CMD_LIB) $(DAEMON_LIBS) $(UNISTRING_LIBS)
cmd_postsuper_SOURCES = cmd/postsuper.c $(cmd_queue_sources)
cmd_postsuper_LDADD = $(QUEUE_LIB) $(MAIL_LIB) $(CMD_LIB) $(DAEMON_LIBS) $(UNISTRING_LIBS)
EXTRA_DIST += cmd/README.md

if HAVE_CMOCKA
cmd_tests = tests/unit/cmd/test_message tests/unit/cmd/test_mailq
check_PROGRAMS += $(cmd_tests)
TESTS += $(cmd_tests)
endif
tests_unit_cmd_test_message_SOURCES = tests/unit/cmd/test_message.c tests/unit/unit.h \
	cmd/message.c cmd/message.h
tests_unit_cmd_test_message_LDADD = $(QUEUE_LIB) $(MAIL_LIB) $(SYS_LIB) $(BASE_LIB) \
	$(UNISTRING_LIBS) $(CMOCKA_LIBS)
tests_unit_cmd_test_mailq_SOURCES = tests/unit/cmd/test_mailq.c tests/unit/unit.h cmd/mailq.c \
	cmd/mailq.h
tests_unit_cmd_test_mailq_LDADD = $(MAIL_LIB) $(BASE_LIB) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
fuzz_targets += tests/fuzz/fuzz_submission
tests_fuzz_fuzz_submission_SOURCES = tests/fuzz/fuzz_submission.c \
	cmd/message.c cmd/message.h $(FUZZ_MAIN)
tests_fuzz_fuzz_submission_LDADD = $(QUEUE_LIB) $(MAIL_LIB) $(SYS_LIB) $(BASE_LIB) \
	$(UNISTRING_LIBS) $(FUZZ_LIBS)

# against the commands of an installed Postfix; skipped where there is none
compare_tests = tests/compare/maptools tests/compare/postconf
dist_check_SCRIPTS += $(compare_tests)
TESTS += $(compare_tests)
EXTRA_DIST += tests/compare/lib.sh

# mailq and newaliases are sendmail under other names
install_hooks += install-sendmail-names
uninstall_hooks += uninstall-sendmail-names
install-sendmail-names:
	$(MKDIR_P) $(DESTDIR)$(bindir)
	for n in mailq newaliases; do \
		rm -f $(DESTDIR)$(bindir)/$$n && \
		$(LN_S) $(sbindir)/sendmail $(DESTDIR)$(bindir)/$$n || exit 1; \
	done
uninstall-sendmail-names:
	rm -f $(DESTDIR)$(bindir)/mailq $(DESTDIR)$(bindir)/newaliases

# the control command, also under Postfix's name
sbin_PROGRAMS += cmd/buzon
cmd_buzon_SOURCES = cmd/control/buzon.c cmd/control/buzon.h cmd/control/buzon_check.c \
	cmd/control/buzon_give.c cmd/control/buzon_index.c cmd/control/buzon_run.c cmd/control/buzon_spool.c \
	cmd/control/buzon_status.c cmd/control/buzon_suite.c
EXTRA_DIST += cmd/control/README.md
cmd_buzon_LDADD = $(CMD_LIB) $(DAEMON_LIBS)
install_hooks += install-postfix-name
uninstall_hooks += uninstall-postfix-name
install-postfix-name:
	cd $(DESTDIR)$(sbindir) && rm -f postfix && $(LN_S) buzon postfix
uninstall-postfix-name:
	rm -f $(DESTDIR)$(sbindir)/postfix
control_tests = tests/control/buzon.sh tests/control/syslog.sh
dist_check_SCRIPTS += $(control_tests)
TESTS += $(control_tests)

sbin_PROGRAMS += cmd/postconf
cmd_postconf_SOURCES = cmd/postconf.c cmd/postconf.h cmd/postconf_main.c cmd/postconf_master.c \
	cmd/postconf_medit.c
cmd_postconf_LDADD = $(CMD_LIBS)
