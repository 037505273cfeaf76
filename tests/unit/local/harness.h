/* tests/unit/local/harness.h - run the real program with master, qmgr and cleanup played by a test.
 *
 * The program is started as master does, under the name local or virtual, in a directory of its
 * own. Started by root it confines itself and makes workers of other users; rootless it serves the
 * caller only: h->user is a user that can be delivered to in either case. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_LOCAL_HARNESS_H
#define TESTS_UNIT_LOCAL_HARNESS_H

#include <sys/types.h>

#include "lib/ipc/chan.h"
#include "tests/unit/deliver/tempdir.h"

struct harness {
	struct tempdir dir;	/* readable by all; spool/ and open/ in it writable by all */
	pid_t pid;
	int control, log, qmgr;
	int cleanup;		/* our end of the program's channel to cleanup; -1: not asked yet */
	char user[64];
	uid_t uid;
	gid_t gid;
	uint32_t next_id;
	uint32_t credit;	/* requests the program takes yet */
	struct ipc_inbox box;
	char log_text[1 << 17];	/* the last packet of the log, and how far it was read */
	size_t log_n, log_at;
};

/* PROGRAM is "local" or "virtual"; MAIN_CF is added to the least that is needed; TABLE is the
 * content of the file "table". In both "@" in front of a "/" stands for the directory, "%" for the
 * user. */
void harness_start(struct harness *h, const char *program, const char *main_cf,
		   const char *table);

/* Stop the program: it must end well. */
void harness_stop(struct harness *h);

/* A file below the directory, "@" and "%" in TEXT replaced, readable by all. */
void harness_file(struct harness *h, const char *name, const char *text);

struct harness_result {
	unsigned status;
	char dsn[16], text[1100], action[20];
	unsigned n_failed;		/* deliver_failed before it */
	char failed_text[1100];
};

/* Ask for a delivery of CONTENT to ADDRESS; harness_wait() waits for what becomes of it. When all
 * credit is used and answered, more must come, or the test fails. */
uint32_t harness_send(struct harness *h, const char *sender, const char *address,
		      const char *content, bool verify);
void harness_wait(struct harness *h, uint32_t id, struct harness_result *out);

/* The next packet of the program's; credit is counted and passed over. */
void harness_recv(struct harness *h, struct ipc_reader *out);

/* Send and wait. */
void harness_deliver(struct harness *h, const char *sender, const char *address,
		     const char *content, struct harness_result *out);

/* Wait for the program to ask for a successor, and tell it to drain, as master does. */
void harness_drain(struct harness *h);

/* Play cleanup for one message: OUT gets "sender|rcpt rcpt|content". CODE is the answer. */
void harness_cleanup(struct harness *h, unsigned code, struct buf *out);

/* The next log line with TEXT in it, or the test fails. */
void harness_log(struct harness *h, const char *text);

#endif
