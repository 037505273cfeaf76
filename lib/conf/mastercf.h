/* lib/conf/mastercf.h - master.cf: the services, as data.
 *
 * Pure but for reading the file. Entries own their strings in the arena given. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_MASTERCF_H
#define LIB_CONF_MASTERCF_H

#include "lib/conf/maincf.h"

enum service_type { SERVICE_INET, SERVICE_UNIX, SERVICE_UNIX_DGRAM, SERVICE_FIFO, SERVICE_PASS };

struct service_option {
	struct service_option *next;
	char *name, *value;
};

struct service {
	struct service *next;
	char *name;		/* "smtp", "127.0.0.1:10025", "cleanup" */
	enum service_type type;
	bool is_private;
	bool is_unprivileged;
	bool wants_chroot;	/* accepted; every process is confined in any case */
	int wakeup_s;		/* 0: none */
	bool wakeup_if_used;	/* the "?" form */
	int max_processes;	/* -1: default_process_limit; 0: no limit */
	char *program;		/* first word of the command */
	struct service_option *options;	/* -o, in order */
	char **args;		/* remaining arguments (pipe's flags= argv= ...), NULL-ended */
	int verbose;		/* -v count */
	unsigned line;
};

/* In file order; a later duplicate (same name and type) replaces the earlier, with a warning. */
enum rc mastercf_read(const char *config_dir, struct arena *arena, struct service **ret,
		      struct faults *faults, struct err *err);
void mastercf_parse(const char *file, struct slice text, struct arena *arena,
		    struct service **ret, struct faults *faults);

const char *service_type_name(enum service_type t);

#endif
