/* lib/store/append.h - adding messages to a mailbox: from a stream, or copied from another box.
 *
 * One append is one transaction of any number of messages (MULTIAPPEND, COPY of a set): all of
 * them appear at its commit, in order with ascending UIDs, or none does. A message added is in
 * no view until that box is refreshed. Codes are those of lib/store/store.h. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_APPEND_H
#define LIB_STORE_APPEND_H

#include "lib/store/box.h"

struct store_append;

/* NAME need not be open. RC_END: no such mailbox (TRYCREATE). */
enum rc store_append_begin(struct store *s, const char *name, struct store_append **out,
			   struct err *err);

struct store_append_meta {
	uint8_t flags;			/* enum store_flag */
	const struct slice *keywords;	/* names */
	size_t n_keywords;
	int64_t internaldate;		/* -1: now */
};

/* Start one message; content follows by _write, in pieces of any size, and is closed by the
 * next _message, _copy or _commit. Keywords that do not fit the mailbox are left out. */
enum rc store_append_message(struct store_append *a, const struct store_append_meta *meta,
			     struct err *err);

/* LF and CRLF both end a line; a lone CR is kept. What is stored follows save_crlf. */
enum rc store_append_write(struct store_append *a, struct slice data, struct err *err);

/* Add a copy of message SEQ of FROM with its flags, keywords and internal date: a hard link
 * where the file system can, else the bytes. RC_END: gone. */
enum rc store_append_copy(struct store_append *a, struct store_box *from, uint32_t seq,
			  struct err *err);

/* The UIDs in the order in which the messages were added (APPENDUID, COPYUID). */
struct store_appended {
	uint32_t uidvalidity;
	uint32_t *uids;		/* heap; free with store_appended_done */
	size_t n;
};
void store_appended_done(struct store_appended *r);	/* accepts a zeroed one */

/* Durable when it returns RC_OK. On failure nothing was added. Frees A and sets it to NULL
 * either way. OUT may be NULL. */
enum rc store_append_commit(struct store_append **a, struct store_appended *out,
			    struct err *err);

/* Frees A without a trace. Accepts NULL inside. */
void store_append_abort(struct store_append **a);

#endif
