/* lib/queue/file.h - one queue file through its descriptor: commit, load, mark, verify.
 *
 * Blocking, short. No directories here; see spool.h. The order of the writes is argued in
 * doc/QUEUE.md. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_FILE_H
#define LIB_QUEUE_FILE_H

#include "lib/queue/envelope.h"

/* The content stands in FD and is E->content_bytes long (checked against the file's size): write
 * the tail behind it and set the mode to 0700. Not durable before queue_sync(). RC_DENIED: the
 * file's size is not what was said; RC_SYNTAX, RC_LIMIT: the envelope cannot be encoded; RC_SYS.
 * TAIL (reset first) holds the bytes written, for who wants to pass them on. */
enum rc queue_file_commit(int fd, struct queue_envelope *e, struct buf *tail, struct err *err);

/* The same with the mode left to the caller (maildrop: 0744, set last and once). */
enum rc queue_file_write_tail(int fd, struct queue_envelope *e, struct buf *tail,
			      struct err *err);

/* Read the tail into TAIL (reset first) and take it apart; E borrows from TAIL and ARENA.
 * RC_MORE: unfinished (mode without x). RC_END: a queue file of Postfix, to be left alone.
 * RC_PERM: not a plain file with one name. RC_SYNTAX or RC_LIMIT: damaged. RC_SYS: cannot be
 * read. */
enum rc queue_file_load(int fd, struct buf *tail, struct arena *arena, struct queue_envelope *e,
			struct err *err);

/* Does the content have the checksum that the envelope says? RC_SYNTAX: no. */
enum rc queue_file_verify(int fd, const struct queue_envelope *e, struct err *err);

/* One byte, not synced: a lost mark is a repeated delivery, a false one cannot be. */
enum rc queue_file_mark(int fd, struct queue_envelope *e, size_t rcpt, enum queue_mark mark,
			struct err *err);
enum rc queue_file_mark_warned(int fd, struct queue_envelope *e, struct err *err);

#endif
