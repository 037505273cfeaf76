/* tests/unit/daemon/fake_master.h - what master is to a daemon, played by a test. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_DAEMON_FAKE_MASTER_H
#define TESTS_UNIT_DAEMON_FAKE_MASTER_H

#include <sys/types.h>

#include "lib/daemon/daemon.h"
#include "lib/ipc/chan.h"

struct fake_master {
	pid_t pid;
	int control;		/* our end; the hello has been exchanged */
	int log;		/* what the daemon logs arrives here */
	char dir[64];		/* configuration and sockets */
	char socket[108];	/* the listener's path */
	struct ipc_inbox box;
};

/* Fork a process that runs daemon_main(SPEC) with MAIN_CF as configuration and one listener of
 * KIND ("packet", "stream", "trigger"), at most LIMIT sessions (0: any). */
void fake_start(struct fake_master *m, const struct daemon_spec *spec, const char *main_cf,
		const char *kind, unsigned limit);

/* The next message, of TYPE, or the test fails. */
void fake_expect(struct fake_master *m, uint16_t type, struct ipc_reader *r);
/* True when none comes within MS. */
bool fake_is_silent(struct fake_master *m, int ms);

int fake_connect(struct fake_master *m, int type);

/* The daemon's exit status (1000 + signal) once it has ended; what is left is removed. */
int fake_end(struct fake_master *m);

/* The next log line that contains TEXT, or the test fails after some seconds. */
void fake_expect_log(struct fake_master *m, const char *text);

#endif
