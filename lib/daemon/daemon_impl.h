/* lib/daemon/daemon_impl.h - what the parts of the skeleton share; private to lib/daemon. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_DAEMON_IMPL_H
#define LIB_DAEMON_DAEMON_IMPL_H

#include "lib/daemon/daemon.h"
#include "lib/daemon/peer.h"
#include "lib/event/acceptor.h"
#include "lib/sys/roles.h"

enum { FD_CONTROL = 3, FD_LOG = 4, FD_LISTEN = 5, LISTENERS_MAX = 32, EXTRA_PATHS_MAX = 64 };

/* One listening socket. */
struct inlet {
	struct acceptor acceptor;
	struct io io;			/* fifo trigger */
	struct listener listener;
	struct daemon *daemon;
	int fd;
};

struct broker;

struct daemon {
	const struct daemon_spec *spec;
	const struct role *role;
	struct role_env env;
	uid_t own_uids[3];		/* mail_owner, auth_owner, net_owner */
	size_t n_own_uids;		/* none, rootless */
	struct role_extra extra[EXTRA_PATHS_MAX];
	struct loop *loop;
	struct conf *conf;
	struct arena arena;
	void *user;

	/* from master */
	const char *config_dir;
	const char *service;
	const char *type;
	const char *program;
	int verbose;
	struct inlet inlets[LISTENERS_MAX];
	size_t n_inlets;

	struct ipc_chan control;
	struct list peers;
	uint32_t next_connect_id;
	struct timer log_timer;		/* lines wait for a reader of the log that was slow */
	struct timer report_timer;	/* sessions changed a moment after the last report */
	struct task report_task;
	struct timer drain_timer;
	struct task exit_task;
	struct timer last_words;	/* lines wait for the new log, and the end for them */
	int64_t reported_ms;
	unsigned reported_sessions;
	unsigned sessions, session_limit;	/* 0: no limit */
	bool draining, accepting, is_helper, is_checking;
	int exit_status;
	struct sig sigterm;

	struct broker *broker;
	struct stress *stress;		/* NULL: no parameter depends on it */
};

/* stress.c: the second set of parameter values. */
void stress_load(struct daemon *d);
void stress_set(struct daemon *d, bool on);

/* options.c: command line and environment. False: usage was printed. */
bool daemon_parse_options(struct daemon *d, int argc, char **argv);

/* setup.c: configuration, log, role. */
void daemon_load(struct daemon *d, struct faults *faults);
void daemon_find_role(struct daemon *d, struct faults *faults);
void daemon_open_log(struct daemon *d);

/* How long a process that ends waits for the log to take its last lines. */
enum { LAST_WORDS_MS = 1000 };

/* control.c */
void daemon_open_control(struct daemon *d);
void daemon_end_round(struct loop *loop);	/* what was logged in it leaves */
void daemon_report_load(struct daemon *d);
void daemon_check_drained(struct daemon *d);

/* peer.c */
void peer_connected(struct daemon *d, uint32_t id, int fd);
void peer_refused(struct daemon *d, uint32_t id, struct slice reason);

/* inlet.c */
void daemon_open_inlets(struct daemon *d);
void daemon_set_accepting(struct daemon *d, bool accepting);
void daemon_close_inlets(struct daemon *d);

/* Leave the loop: daemon_exit() when nothing is left to wait for. */
void daemon_finish(struct daemon *d);

#endif
