# pickup: local submissions into the queue
daemon_PROGRAMS += pickup/pickup
pickup_pickup_SOURCES = pickup/main.c pickup/field.c pickup/job.c pickup/pickup.h \
	pickup/refusal.c pickup/refusal.h
pickup_pickup_LDADD = $(SMTP_LIB) $(QUEUE_LIB) $(ADDRESS_LIB) $(MAIL_LIB) $(DAEMON_LIBS) \
	$(UNISTRING_LIBS)
EXTRA_DIST += pickup/README.md
