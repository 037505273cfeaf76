/* lib/daemon/access.h - what the brokers of imapd and pop3d have in common: a client that login
 * hands over becomes a job that serves it.
 *
 * The broker has auth redeem the token, counts the user's connections, and forks. It looks into
 * nothing the client wrote: its bytes are passed on as they came. The user, the directory of his
 * mail, the identity under which the job runs are auth's word alone. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_ACCESS_H
#define LIB_DAEMON_ACCESS_H

#include "lib/daemon/broker.h"
#include "lib/daemon/sleep.h"

/* What a job knows of its client; lives as long as the job. */
struct access_client {
	const char *user, *home, *mail_location;	/* expanded */
	const char *session;				/* of the login, for the log */
	const char *local_addr, *remote_addr;
	const char *command_tag;			/* IMAP: of the login command */
	bool tell_capability, secured;
	struct slice input;				/* behind the login command, unread */
	int stop_fd;					/* readable when the job is to end */
	struct slice asleep;		/* how this session was written down; empty: a new one */
	uint64_t sent_asleep;		/* bytes that the client was sent while it slept */
	struct sleep_bed *bed;		/* for sleep_down() */
};

struct access_spec {
	const char *service;	/* "imap": what auth knows it by, first word of the job's log lines */
	const char *role;	/* the job's */
	/* In the job, confined, SIGTERM turned into stop_fd. FD is the client's stream socket,
	 * without Nagle's delay; its flags are shared with login. Returns the exit status. */
	int (*serve)(const struct access_client *c, int fd);
	unsigned max_jobs;
	unsigned max_user_ip;	/* connections of one user from one address; 0: any number */
	/* What is said to clients whose sessions sleep (sleep.h). NULL: none does. */
	const struct sleep_words *words;
};

/* What serve() returns when the session sleeps. */
enum { ACCESS_ASLEEP = 99 };

/* In prepare(): a mail_location that cannot be served is a fault. Needs lib/store linked. */
void access_check_location(struct daemon *d, struct faults *faults);

/* In start(). SPEC is kept. What is made becomes daemon_user(D). */
enum rc access_start(struct daemon *d, const struct access_spec *spec, struct err *err);

/* The daemon's on_accept: a login process has connected. */
void access_accept(struct daemon *d, int fd, const struct listener *l);

/* A session's way to the log, as the sessions of both protocols have it. ARG is not used. */
void access_log(void *arg, bool is_error, const char *text);

#endif
