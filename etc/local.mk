# etc: what the build makes of this folder

# systemd: the unit and the accounts
sysusersdir = $(prefix)/lib/sysusers.d
systemunitdir = $(prefix)/lib/systemd/system
nodist_systemunit_DATA = etc/buzon.service
EXTRA_DIST += etc/buzon.service.in etc/buzon.sysusers
CLEANFILES += etc/buzon.service
etc/buzon.service: etc/buzon.service.in Makefile
	$(MKDIR_P) etc
	sed 's,@sbindir[@],$(sbindir),g' $(srcdir)/etc/buzon.service.in >$@.tmp && mv $@.tmp $@
install_hooks += install-sysusers
uninstall_hooks += uninstall-sysusers
install-sysusers:
	$(MKDIR_P) $(DESTDIR)$(sysusersdir)
	$(INSTALL_DATA) $(srcdir)/etc/buzon.sysusers $(DESTDIR)$(sysusersdir)/buzon.conf
uninstall-sysusers:
	rm -f $(DESTDIR)$(sysusersdir)/buzon.conf

# The first configuration: never over one that is there, and taken away only while unchanged.
etc_config_files = main.cf master.cf aliases
EXTRA_DIST += etc/main.cf etc/master.cf etc/aliases etc/README.md
install_hooks += install-config
uninstall_hooks += uninstall-config
install-config:
	$(MKDIR_P) $(DESTDIR)$(configdir)
	for f in $(etc_config_files); do \
		test -e $(DESTDIR)$(configdir)/$$f || \
		$(INSTALL_DATA) $(srcdir)/etc/$$f $(DESTDIR)$(configdir)/$$f || exit 1; \
	done
uninstall-config:
	for f in $(etc_config_files); do \
		! cmp -s $(srcdir)/etc/$$f $(DESTDIR)$(configdir)/$$f || \
		rm -f $(DESTDIR)$(configdir)/$$f; \
	done
