/* lib/queue/id.h - queue ids: making, checking, and the time that is in them.
 *
 * Pure but for the generator's own state. Two forms, told apart by their letters:
 *   short   5 hex digits of microseconds, 6 of (seconds & 0xFFFFFF): "8045F68C3A11"-like, 11 long;
 *   long    Postfix's: seconds in base 52 (6 or more digits), microseconds in base 52 (4), "z",
 *           and a number in base 51 where Postfix has the inode. Here it is a random number of
 *           the process, because the id must exist before the file does.
 * A generator never gives the same id twice; two processes at once, or a clock set back, can meet
 * only in the short form, and the exclusive creation of the file catches that. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_QUEUE_ID_H
#define LIB_QUEUE_ID_H

#include "lib/base/slice.h"

enum { QUEUE_ID_SIZE = 32 };	/* longest id and its NUL */

struct queue_id {
	char s[QUEUE_ID_SIZE];
};

struct queue_idgen {
	int64_t last_us;
	uint32_t instance;	/* random, of this process */
	bool is_long;
};

void queue_idgen_init(struct queue_idgen *g, bool is_long, uint32_t instance);

/* The next id at NOW_US (microseconds since 1970) or, if that one is used up, just after it. */
void queue_idgen_next(struct queue_idgen *g, int64_t now_us, struct queue_id *out);

void queue_id_short(int64_t time_us, struct queue_id *out);
void queue_id_long(int64_t time_us, uint32_t instance, struct queue_id *out);

/* True for both forms above and for Postfix's own (short: 5 hex digits and an inode in hex).
 * A valid id is safe as a file name. */
bool queue_id_is_valid(struct slice id);
bool queue_id_is_long(struct slice id);

/* Copy a valid id. RC_SYNTAX otherwise. */
enum rc queue_id_parse(struct slice s, struct queue_id *out);

/* The DEPTH characters (at most 5) that name the subdirectories of a hashed queue: of a short id
 * its first ones, of a long id those of its microseconds in hex. OUT has DEPTH + 1 bytes or more. */
void queue_id_hash_chars(struct slice id, unsigned depth, char out[6]);

static inline struct slice queue_id_slice(const struct queue_id *id) { return slice_str(id->s); }

#endif
