/* lib/daemon/sleep.h - sessions that wait without a process, in the broker that makes their jobs.
 *
 * A job that waits for nothing but its client and its mailbox writes its session down, gives it to
 * the broker with the client's descriptor and the directories of the mailbox, and ends. The broker
 * reads neither: the kernel tells it that the client has sent something or is gone, or that a
 * name in a directory has changed, and then the owner makes a job that goes on. Words that keep the
 * line open, and the last ones, are fixed texts. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_SLEEP_H
#define LIB_DAEMON_SLEEP_H

#include "lib/base/slice.h"
#include "lib/event/event.h"

/* What all sleepers of a broker share. */
struct sleep_room;

struct sleep_words {
	const char *still_here;
	int64_t still_here_ms;		/* how often; 0: never */
	const char *bye;		/* when the system stops */
};

struct sleep_spec {
	const struct sleep_words *words;
	/* It sleeps no more: make a job, or sleeper_free(). From the loop, in a task of its own. */
	void (*on_wake)(void *owner);
	/* sleep_room_close() has said BYE to its client; call sleeper_free(). */
	void (*on_bye)(void *owner);
};

/* SPEC is kept. */
enum rc sleep_room_new(struct loop *loop, const struct sleep_spec *spec, struct sleep_room **out,
		       struct err *err);

/* Send everyone who sleeps home. */
void sleep_room_close(struct sleep_room *room);

/* A session of user UID. OWNER goes to the callbacks. */
struct sleeper;
struct sleeper *sleeper_new(struct sleep_room *room, uid_t uid, gid_t gid, void *owner);
void sleeper_free(struct sleeper **s);

/* The way to S for the next job, which is to get *RET_FD; the caller closes it afterwards. */
enum rc sleeper_open(struct sleeper *s, int *ret_fd, struct err *err);

/* The job has ended and said that its session sleeps. False: it cannot have. */
bool sleeper_settle(struct sleeper *s);

/* Between on_wake() and sleeper_forget(), which is for when the job has its copies: the session as
 * it was written down, its client, and the bytes sent to it meanwhile. */
struct slice sleeper_state(const struct sleeper *s);
int sleeper_client(const struct sleeper *s);
uint64_t sleeper_sent_bytes(const struct sleeper *s);
const char *sleeper_last_line(const struct sleeper *s);
void sleeper_forget(struct sleeper *s);

/* --- in the job --- */

/* The way to the broker. */
struct sleep_bed {
	int fd;			/* -1: sessions do not sleep here */
	bool was_used;
};

enum { SLEEP_STATE_MAX = 30000 };

/* A session that its client, or a change in one of the directories, is to wake. */
struct sleep_down {
	struct slice state;	/* all that the next job needs to know */
	int client;
	const int *dirs;	/* open for reading */
	size_t n_dirs;		/* at most 2 */
	const char *last_line;	/* for the log, should the system stop meanwhile; 500 bytes */
};

/* Leave the session to the broker. True: the job is to end as the sleeper's owner expects it. If it
 * finds that something has happened meanwhile it goes on as if it had not asked. */
bool sleep_down(struct sleep_bed *bed, const struct sleep_down *what);

#endif
