/* local/config.h - the configuration of one front with its broker and workers, checked and opened.
 *
 * Filled once in prepare(), before the broker is forked and the front confined; read-only then. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_CONFIG_H
#define LOCAL_CONFIG_H

#include "lib/address/address.h"
#include "lib/daemon/daemon.h"
#include "lib/table/table.h"

#define PARAMS_STRUCT local_params
#define PARAMS_FILE "local/params.def"
#include "lib/conf/param_struct.h"

/* Where a target comes from, and what allow_mail_to_* and propagate_unmatched_extensions name. */
enum { FROM_ALIAS = 1, FROM_FORWARD = 2, FROM_INCLUDE = 4 };
/* prepend_delivered_header */
enum { DELIVERED_COMMAND = 1, DELIVERED_FILE = 2, DELIVERED_FORWARD = 4 };

struct config {
	struct local_params p;
	bool is_virtual;
	bool is_rootless;
	bool has_original_recipient;	/* enable_original_recipient */
	bool soft_bounce;
	const char *service;		/* relay= in the log, transport of our own addresses */
	const char *myhostname, *mail_name, *queue_directory, *default_privs, *delimiters;
	int64_t duplicate_filter_limit;
	unsigned commands_from, files_from;	/* FROM_* */
	unsigned extensions_to;			/* FROM_* whose results keep an extension */
	unsigned delivered_in;			/* DELIVERED_* */
	unsigned mailbox_locks, virtual_locks;	/* MBOX_LOCK_* */
	struct table_list aliases;
	const char **alias_owners;	/* for each alias table; NULL: default_privs */
	struct table_list mailbox_command_maps;
	struct table_list virtual_mailbox_maps, virtual_uid_maps, virtual_gid_maps;
	struct address *address;	/* local only */
	char **command_environment;	/* export_environment and PATH, NULL-ended */
	size_t n_command_environment;
};

/* Faults are added, all of them; C can be used when none is fatal. C->p is loaded already. */
void config_load(struct config *c, struct daemon *d, struct faults *faults);

/* True when a table's file is no longer what was opened. */
bool config_has_changed(const struct config *c, int64_t now_ms);

#endif
