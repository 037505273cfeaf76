/* cmd/control/buzon.h - the parts of the control command (installed as buzon and postfix).
 *
 * A suite is one configuration directory and what it describes. Commands return the exit status;
 * what they say goes to standard error in Postfix's words. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_CONTROL_BUZON_H
#define CMD_CONTROL_BUZON_H

#include "lib/daemon/plan.h"

struct suite {
	const char *config_dir;		/* absolute */
	const char *main_cf, *master_cf;
	bool is_rootless;
	bool is_verbose;		/* status -v */
	struct arena arena;
	struct faults faults;
	struct conf *conf;
	struct plan plan;
	struct service *services;	/* of master.cf alone */
	const char *queue_directory, *data_directory, *daemon_directory, *command_directory;
	const char *mail_owner, *auth_owner, *net_owner, *setgid_group, *process_id_directory;
	const char *maillog_file;
};

/* buzon.c */
void say(const char *level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* buzon_suite.c: read everything; faults are collected. False: main.cf or master.cf cannot be
 * read at all (a fault says so). */
bool suite_read(struct suite *s);
/* Each fault once; fatal ones and, when WITH_NOTES, notes. The number of fatal ones. */
unsigned suite_print_faults(struct suite *s, bool with_notes);
/* The process id of a running master, or 0. */
pid_t suite_running(const struct suite *s);

/* buzon_spool.c */
void spool_check(struct suite *s);
enum rc spool_create(const struct suite *s, struct err *err);	/* what is missing */
int command_set_permissions(struct suite *s);

/* buzon_give.c: make UID and GID the owners of the directory PATH, which gets MODE (0: keeps its
 * own); WITH_CONTENT of the directories and files below it too. Who owns it now may be working
 * against us: nothing is followed, and what has more than one name stays whose it is. */
enum rc give_directory(const char *path, mode_t mode, uid_t uid, gid_t gid, bool with_content,
		       struct err *err);

/* buzon_check.c: everything that can be known without starting; missing directories are made. */
void suite_check(struct suite *s);
int command_check(struct suite *s);

/* buzon_index.c: build the indexes of tables that are missing or older than their sources. */
void suite_build_indexes(const struct suite *s);

/* buzon_run.c */
int command_start(struct suite *s, bool in_foreground);
int command_stop(struct suite *s, bool abruptly);
int command_reload(struct suite *s);
int command_flush(struct suite *s);

/* buzon_status.c */
int command_status(struct suite *s);
/* Wait until a configuration later than AFTER serves, at most 10 seconds; false when master has
 * not taken it. */
bool status_wait_reloaded(const struct suite *s, unsigned after);
/* False: some service has a socket that could not be opened; each is named. */
bool status_all_listen(const struct suite *s);
bool status_generation(const struct suite *s, unsigned *ret);

#endif
