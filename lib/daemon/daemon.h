/* lib/daemon/daemon.h - the skeleton of every loop daemon: start, confinement, channels, drain.
 *
 * daemon_main() does, in this order: options (-c -o -n -t -v, given by master), configuration
 * and parameters, log, prepare() (open tables, read keys and certificates: the last chance to
 * open a file), role_enter(), start(), ready to master, loop. Nothing from a peer is read before
 * the role is entered.
 *
 * Descriptors master gives: 3 control channel, 4 log socket, 5.. listening sockets in the order
 * of the environment variable BUZON_LISTEN ("inet:127.0.0.1:25 packet:private/cleanup").
 * Without BUZON_LISTEN the program was started by hand and says so. With BUZON_CHECK it runs
 * prepare() for "buzon check", prints the faults (a line of fields each, with tabs: F or N for a
 * note, line, file, remedy, text), and ends. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_DAEMON_H
#define LIB_DAEMON_DAEMON_H

#include "lib/conf/param.h"
#include "lib/event/event.h"
#include "lib/ipc/chan.h"

struct daemon;

struct listener {
	const char *name;	/* "127.0.0.1:25", "private/auth": as in BUZON_LISTEN */
	bool is_inet;
	bool is_seqpacket;	/* internal: make an ipc_chan of what is accepted */
	bool is_raw;		/* datagram socket or fifo: nothing to accept; on_socket */
	bool is_trigger;	/* a connection or a byte wakes the service: on_wakeup */
	size_t index;
};

struct daemon_spec {
	const char *name;			/* program; also its role in lib/sys/roles.def */
	/* Its own params.def; loaded before prepare(). Numbers, times and switches that refer to
	 * $stress change while all sessions of the service are taken: read them when needed. */
	const struct param_spec *params;
	size_t n_params;
	void *params_out;
	/* FAULTS gets every fault found (they end the start); may be NULL functions. */
	void (*prepare)(struct daemon *d, struct faults *faults);
	enum rc (*start)(struct daemon *d, struct err *err);
	/* A connection was accepted (non-blocking, close-on-exec); the daemon owns FD. */
	void (*on_accept)(struct daemon *d, int fd, const struct listener *l);
	/* After start(), for each raw listener; FD stays the skeleton's. */
	void (*on_socket)(struct daemon *d, int fd, const struct listener *l);
	void (*on_wakeup)(struct daemon *d);
	/* Accepting has stopped; end sessions that wait for nothing. The process exits when
	 * daemon_sessions() is 0 (or after daemon_timeout). */
	void (*on_drain)(struct daemon *d);
	/* New keys for TLS session tickets (struct ticket_keys of lib/sys/ticket.h); they are
	 * mapped during the call only. */
	void (*on_ticket_keys)(struct daemon *d, const void *keys, size_t n);
};

int daemon_main(int argc, char **argv, const struct daemon_spec *spec);

struct loop *daemon_loop(struct daemon *d);
const struct conf *daemon_conf(struct daemon *d);
struct arena *daemon_arena(struct daemon *d);	/* lives as long as the process */
const char *daemon_service(struct daemon *d);	/* name in master.cf: "smtp", "submission" */
const char *daemon_program(struct daemon *d);	/* program in master.cf: "local" or "virtual" */
bool daemon_is_rootless(struct daemon *d);
bool daemon_is_draining(struct daemon *d);
void *daemon_user(struct daemon *d);		/* the program's own state */
void daemon_set_user(struct daemon *d, void *user);

/* Directories this process may use after confinement, besides those of its role
 * (prepare() only; PATH is copied). ACCESS: PATH_READ, ... of lib/sys/roles.h. */
void daemon_allow_path(struct daemon *d, const char *path, unsigned access);

/* prepare() only: fork a process that keeps the user this one has now and enters ROLE
 * ("local-broker"); START runs in it with one end of a SEQPACKET socketpair, then its loop, until
 * daemon_exit() (which it calls when that channel closes). It has neither listeners nor a way to
 * master. *RET_FD is the other end. */
enum rc daemon_fork_helper(struct daemon *d, const char *role,
			   void (*start)(struct daemon *d, int fd), int *ret_fd,
			   struct err *err);

/* Sessions count for master's process limit and keep a draining process alive. At the limit
 * accepting pauses. */
void daemon_session_begin(struct daemon *d);
void daemon_session_end(struct daemon *d);
unsigned daemon_sessions(const struct daemon *d);
unsigned daemon_session_limit(const struct daemon *d);	/* 0: none */

/* Ask master to wake SERVICE; or for a successor because tables changed (then drains). */
void daemon_poke(struct daemon *d, const char *service);
void daemon_replace(struct daemon *d, const char *reason);

/* End the process from anywhere on the loop; STATUS is its exit status. */
void daemon_exit(struct daemon *d, int status);

#include "lib/daemon/peer.h"

#endif
