# man: manuals in mdoc
dist_man_MANS += man/anvil.8 \
	man/auth.8 \
	man/bounce.8 \
	man/buzon.8 \
	man/cleanup.8 \
	man/imapd.8 \
	man/local.8 \
	man/login.8 \
	man/master.8 \
	man/pickup.8 \
	man/pop3d.8 \
	man/postalias.1 \
	man/postcat.1 \
	man/postconf.1 \
	man/postdrop.1 \
	man/postlogd.8 \
	man/postmap.1 \
	man/postqueue.1 \
	man/postsuper.1 \
	man/proxymap.8 \
	man/qmgr.8 \
	man/resolver.8 \
	man/sendmail.1 \
	man/smtpd.8 \
	man/tables.5
EXTRA_DIST += man/README.md man/main.cf.5.in man/master.cf.5.in

# What params.def, programs.def and roles.def say goes into the manuals of the two files.
noinst_PROGRAMS += man/fill
man_fill_SOURCES = man/fill.c
man_fill_LDADD = $(CONF_LIB) $(SYS_LIB) $(BASE_LIB)
made_manuals = man/main.cf.5 man/master.cf.5
nodist_man_MANS += $(made_manuals)
CLEANFILES += $(made_manuals)
$(made_manuals): man/fill$(EXEEXT)
	./man/fill$(EXEEXT) <$(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
man/main.cf.5: $(srcdir)/man/main.cf.5.in
man/master.cf.5: $(srcdir)/man/master.cf.5.in
dist_check_SCRIPTS += tests/unit/conf/test_manuals
TESTS += tests/unit/conf/test_manuals
