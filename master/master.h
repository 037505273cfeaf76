/* master/master.h - the supervisor: units (services), their sockets and processes.
 *
 * One loop. Nothing of a peer is parsed but control.def and status.def of lib/ipc. What one reading
 * of the configuration gave is a generation: it lives while a unit uses it. A unit lives until its
 * last process has ended after a reading that does not name it. */
/* SPDX-License-Identifier: ISC */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include "lib/daemon/plan.h"
#include "lib/event/event.h"
#include "lib/ipc/chan.h"
#include "lib/sys/roles.h"

struct master;
struct unit;

struct master_config {		/* the parameters master reads itself */
	int64_t service_workers, service_throttle_time, max_idle, default_process_limit;
	const char *queue_directory, *data_directory, *daemon_directory, *syslog_name;
	const char *process_id_directory, *maillog_file, *import_environment;
	const char *mail_owner, *mail_version, *syslog_facility;
};

struct generation {
	struct arena arena;
	struct conf *conf;
	struct plan plan;
	struct master_config config;
	unsigned number;
	unsigned users;		/* units, and the master for the current one */
};

struct unit_socket {
	struct io io;			/* watched while no process accepts */
	struct unit *unit;
	const struct plan_socket *plan;
	int fd;
};

enum { UNIT_SOCKETS_MAX = 24 };

struct unit {
	struct list link;
	struct master *master;
	struct generation *generation;
	const struct plan_unit *plan;
	const struct role *role;
	struct unit_socket sockets[UNIT_SOCKETS_MAX];
	size_t n_sockets;
	struct list processes;
	unsigned max_processes;		/* at once, without the draining ones */
	unsigned session_limit;		/* of each process; 0: none */
	struct timer throttle;		/* running: no process is started */
	struct timer wakeup;
	struct timer reopen;		/* running: some socket could not be opened */
	unsigned failures;		/* in a row */
	bool was_used;			/* a process has run: wakeups of the "60?" kind count */
	bool wake_pending;		/* for the next process that gets ready */
	bool restart_pending;		/* when the last draining process has ended (ALONE) */
	bool is_retired;		/* no longer configured */
	bool told_limit;
	bool is_stressed;		/* its processes know */
	struct timer calm;
};

enum process_state { PROCESS_STARTING, PROCESS_READY, PROCESS_DRAINING };

struct process {
	struct list link;
	struct unit *unit;
	struct child child;
	struct ipc_chan control;
	struct timer idle;
	struct task gone;
	enum process_state state;
	unsigned generation;
	unsigned sessions;
	unsigned connects;		/* asked for since CONNECTS_MS */
	int64_t started_ms, connects_ms;
};

struct master {
	struct loop *loop;
	const char *config_dir;
	struct generation *generation;	/* the current one */
	unsigned generations;		/* how many there have been */
	struct list units;
	struct sig sighup, sigterm, sigint, sigquit;
	struct timer kill_timer;
	int stop_step;			/* 0: running */
	bool is_rootless, is_foreground;
	int pid_fd;
	struct tickets *tickets;
	struct status_server *status;
};

/* config.c: read everything anew. NULL: faults were logged (and printed to standard error when
 * PRINTS). */
struct generation *generation_read(struct master *m, bool prints);
void generation_hold(struct generation *g);
void generation_drop(struct generation *g);

/* listen.c: RC_SYS with a text that names address and remedy. */
enum rc listen_open(const struct plan_socket *s, int *ret_fd, struct err *err);
void listen_forget(const struct plan_socket *s);	/* remove its file */

struct unit *unit_new(struct master *m, struct generation *g, const struct plan_unit *plan);
void unit_adopt(struct unit *u, struct generation *g, const struct plan_unit *plan);
/* What can be opened is; the error is the first of the others. */
enum rc unit_open(struct unit *u, struct err *err);
/* Open what is missing now, or again and again until it can be opened. */
void unit_reopen(struct unit *u);
void unit_consider(struct unit *u);	/* watch, start or leave alone, by what is known now */
void unit_wake(struct unit *u);
void unit_failed(struct unit *u, bool before_ready, bool by_others);
void unit_start(struct unit *u);
void unit_share(struct unit *u, unsigned sessions);	/* one of its processes has so many */
void unit_retire(struct unit *u);
void unit_free_if_done(struct unit *u);
struct unit *unit_find(struct master *m, struct slice service);
unsigned unit_count(const struct unit *u, enum process_state state);

/* process.c */
void process_spawn(struct unit *u);
void process_drain(struct process *p);
void process_changed(struct process *p);
/* The log daemon is not among the "others": it ends last. */
void process_signal_others(struct master *m, int signo);	/* here and below 0: drain */
unsigned process_count_others(const struct master *m);
void process_signal_log(struct master *m, int signo);
unsigned process_count_log(const struct master *m);

/* main.c: a process has ended; is that all? */
void master_check_stopped(struct master *m);
/* requests.c: what a process asks on its control channel. */
void requests_attach(struct process *p, int fd);

/* logfd.c: a connected log socket for a process; *RET_KIND is the value of BUZON_LOG. -1: none. */
int log_socket(const struct master *m, const char **ret_kind);
void master_open_log(struct master *m);

void master_reload(struct master *m);

enum rc status_open(struct master *m, struct err *err);

void tickets_open(struct master *m);
void tickets_send(struct master *m, struct process *p);

#endif
