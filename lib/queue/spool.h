/* lib/queue/spool.h - the spool's directories: where a message is says in which state it is.
 *
 * Blocking file system calls, each short; no memory of messages. All names are below descriptors
 * opened once, so the process can be confined to the spool. A move never replaces a file. Which
 * calls make a message safe, and in which order, is argued in doc/QUEUE.md. queue_sync() may run
 * in any thread; the rest belongs to one. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_SPOOL_H
#define LIB_QUEUE_SPOOL_H

#include <dirent.h>
#include <sys/stat.h>

#include "lib/queue/id.h"

enum queue_name {
	QUEUE_MAILDROP, QUEUE_INCOMING, QUEUE_ACTIVE, QUEUE_DEFERRED, QUEUE_HOLD, QUEUE_CORRUPT,
	QUEUE_DEFER,	/* not messages: the reasons of deferred ones */
	QUEUE_N
};
const char *queue_name_str(enum queue_name q);
enum queue_name queue_name_find(struct slice s);	/* QUEUE_N: no such queue */

enum { QUEUE_HASH_DEPTH_MAX = 5, QUEUE_ALL = (1 << QUEUE_N) - 1 };

struct queue_spool {
	int fd[QUEUE_N];		/* directories; -1 when not opened */
	unsigned char depth[QUEUE_N];	/* levels of subdirectories */
	bool must_sync_dirs;		/* not a file system whose fsync covers the name */
};

/* Open the directories of the set NEEDED (bits 1 << queue_name) below ROOT. HASH_NAMES lists the
 * queues with DEPTH levels of subdirectories (hash_queue_names, hash_queue_depth). RC_SYS with
 * the path in ERR when one is missing. */
enum rc queue_spool_open(struct queue_spool *s, const char *root, unsigned needed,
			 const char *hash_names, unsigned depth, struct err *err);
void queue_spool_close(struct queue_spool *s);

/* Open (made if need be) the file below ROOT that processes of SERVICE lock to keep others from
 * its part of the queue; Postfix's file of that service. RC_SYS with the path in ERR. */
enum rc queue_lock_open(const char *root, const char *service, int *ret_fd, struct err *err);

/* New empty file under its final name, mode 0600 (unfinished), write-only. RC_END: the id is in
 * use, take the next. RC_SYS: errno tells (ENOSPC, EDQUOT, EROFS ...). */
enum rc queue_create(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		     int *ret_fd, struct err *err);

/* FLAGS: O_RDONLY or O_RDWR. RC_END: none there. RC_PERM: a symbolic link. */
enum rc queue_open(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		   int flags, int *ret_fd, struct err *err);

/* Give the file another place, and another id if TO_ID differs. Never replaces: RC_DENIED when
 * the place is taken. RC_END: the file is not there. */
enum rc queue_move(const struct queue_spool *s, enum queue_name from, const struct queue_id *id,
		   enum queue_name to, const struct queue_id *to_id, struct err *err);

/* "deferred/8/8045F68C3A1", for messages to people. */
enum { QUEUE_PATH_SIZE = 16 + 2 * QUEUE_HASH_DEPTH_MAX + QUEUE_ID_SIZE };
void queue_path(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		char out[QUEUE_PATH_SIZE]);

/* RC_END: there was none. */
enum rc queue_remove(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		     struct err *err);

/* The time of the next attempt is the file's modification time, in seconds. */
enum rc queue_set_due(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		      int64_t due_s, struct err *err);
enum rc queue_stat(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
		   struct stat *st, struct err *err);

/* Owner's x bit: the message is complete (or was said to be; see queue_file_load). */
static inline bool queue_mode_is_complete(mode_t mode) { return (mode & S_IXUSR) != 0; }

/* Make FD and its name durable. 0 or an errno; after an error the file must be given up, a
 * second fsync proves nothing. */
int queue_sync(const struct queue_spool *s, enum queue_name q, const struct queue_id *id,
	       int fd);

/* Walk a queue. Files under a name that is no queue id are passed over; a file that is at the
 * wrong depth (hash_queue_depth was changed) is first moved to where it belongs. */
struct queue_scan {
	const struct queue_spool *spool;
	enum queue_name queue;
	DIR *dirs[QUEUE_HASH_DEPTH_MAX + 1];
	char path[2 * QUEUE_HASH_DEPTH_MAX + 1];
	int level;	/* of the open directories; -1 when over */
};
enum rc queue_scan_init(struct queue_scan *scan, const struct queue_spool *s, enum queue_name q,
			struct err *err);
bool queue_scan_next(struct queue_scan *scan, struct queue_id *out);
void queue_scan_done(struct queue_scan *scan);

#endif
