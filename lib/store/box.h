/* lib/store/box.h - an open mailbox: its messages in sequence order, flags, reading, changes.
 *
 * A box is a view that only store_box_refresh() moves: message numbers, new messages and others'
 * flags change there alone, so an IMAP session decides when it tells its client. What it sets
 * itself is in the view at once. A number outside 1..count is a mistake. Codes are store.h's. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_BOX_H
#define LIB_STORE_BOX_H

#include "lib/store/content.h"
#include "lib/store/store.h"

struct store_box;

enum store_flag {
	STORE_SEEN = 1, STORE_ANSWERED = 2, STORE_FLAGGED = 4, STORE_DELETED = 8, STORE_DRAFT = 16,
	STORE_FLAGS_ALL = 31
};

enum { STORE_KEYWORDS_MAX = 64, STORE_KEYWORD_NAME_MAX = 100 };

struct store_msg {
	uint64_t modseq;	/* the box's modseq when it last changed */
	uint64_t keywords;	/* bit N: keyword N of store_box_keyword() */
	uint32_t uid;
	uint8_t flags;		/* enum store_flag */
	bool recent;		/* first seen by this session */
	bool gone;		/* expunged, its number not yet given up */
};

enum store_box_mode {
	STORE_BOX_READONLY = 1,	/* EXAMINE: nothing changes but UIDs given to new messages */
	STORE_BOX_KEEP_RECENT = 2	/* leave \Recent to the next session (STATUS, POP3) */
};

enum rc store_box_open(struct store *s, const char *name, unsigned mode, struct store_box **out,
		       struct err *err);
void store_box_free(struct store_box **b);

struct store_box_info {
	uint32_t count;		/* messages; the highest sequence number */
	uint32_t uidvalidity, uidnext;
	uint64_t modseq;	/* highest; grows with each change seen */
	bool readonly;
	bool keywords_room;	/* new keywords can be made (PERMANENTFLAGS \*) */
};
void store_box_info(const struct store_box *b, struct store_box_info *out);

/* The view of message SEQ; valid until the next call that takes the box without const. */
const struct store_msg *store_box_msg(const struct store_box *b, uint32_t seq);

/* The lowest number whose UID is at least UID; count + 1 when there is none. O(log n). */
uint32_t store_box_seq(const struct store_box *b, uint32_t uid);

/* Keyword names by bit; NULL: no such bit in use. Names compare without case. */
const char *store_box_keyword(const struct store_box *b, unsigned bit);

/* The bit of NAME; a new one is made when CREATE. RC_END: unknown and not CREATE; RC_LIMIT: no
 * letter left; RC_SYNTAX: not an atom. */
enum rc store_box_keyword_bit(struct store_box *b, struct slice name, bool create,
			      unsigned *ret_bit, struct err *err);

enum store_flag_how { STORE_FLAGS_ADD, STORE_FLAGS_REMOVE, STORE_FLAGS_REPLACE };

struct store_flag_op {
	enum store_flag_how how;
	uint8_t flags;
	uint64_t keywords;
	uint64_t unchanged_since;	/* 0: always; else skip messages with a higher modseq */
};

enum store_outcome { STORE_DONE, STORE_SAME, STORE_MODIFIED, STORE_GONE, STORE_REFUSED };

/* Apply OP to the N messages SEQS; what became of each is in RET (N of them; may be NULL).
 * Applies to the flags on disk, not to a stale view. Stops at the first failure of the system;
 * RC_DENIED on a read-only box. */
enum rc store_box_set_flags(struct store_box *b, const uint32_t *seqs, size_t n,
			    const struct store_flag_op *op, enum store_outcome *ret,
			    struct err *err);

/* Remove the N messages SEQS for good. They stay in the view, marked gone, until a refresh. */
enum rc store_box_expunge(struct store_box *b, const uint32_t *seqs, size_t n, struct err *err);

enum store_size { STORE_SIZE_PHYSICAL, STORE_SIZE_CRLF };	/* as stored; as sent on the wire */

/* From names and records where they tell, else from the file, once. RC_END: gone. */
enum rc store_box_size(struct store_box *b, uint32_t seq, enum store_size which, uint64_t *out,
		       struct err *err);
enum rc store_box_date(struct store_box *b, uint32_t seq, int64_t *ret_internaldate,
		       struct err *err);

enum store_attr {
	STORE_ATTR_GUID,	/* unique id, the same in every mailbox it is copied to */
	STORE_ATTR_NAME,	/* base file name, the older POP3 UIDL form */
	STORE_ATTR_POP3_UIDL,	/* UIDL fixed by an earlier server */
	STORE_ATTR_POP3_ORDER	/* decimal; POP3 lists by it, then by UID */
};

/* False: the message has none. Valid until the next call that takes the box without const. */
bool store_box_attr(const struct store_box *b, uint32_t seq, enum store_attr which,
		    struct slice *out);

/* RC_END: gone. A content lives on when its box is closed. */
enum rc store_box_read(struct store_box *b, uint32_t seq, struct store_content *out,
		       struct err *err);

/* Exact bytes of content C of message SEQ on the wire: counted, and from then on what
 * store_box_size() tells, should a name or record have been wrong. */
uint64_t store_box_wire_size(struct store_box *b, uint32_t seq, const struct store_content *c);

struct store_gone { uint32_t seq, uid; };

/* Arrays are the box's and live until its next refresh. */
struct store_changes {
	const struct store_gone *gone;	/* numbers before the refresh, highest first */
	size_t n_gone;
	const uint32_t *flags;	/* numbers after it, ascending: others changed flags or keywords */
	size_t n_flags;
	uint32_t n_new;		/* the last N_NEW messages are new */
	bool keywords;		/* the keyword table has changed (send FLAGS) */
	unsigned again_ms;	/* look again after this time, even without a watch event; 0: no */
};

enum store_refresh {
	STORE_KEEP_GONE = 1,	/* no number may change now (FETCH, STORE, SEARCH are running) */
	STORE_LOOK_HARD = 2	/* read the directories even if their times say nothing happened */
};

/* Bring the view up to date with the disk. RC_END: the mailbox itself was deleted. */
enum rc store_box_refresh(struct store_box *b, unsigned how, struct store_changes *out,
			  struct err *err);

/* The whole view, message 1 first; valid as long as store_box_msg(). */
const struct store_msg *store_box_view(const struct store_box *b, uint32_t *ret_n);

/* Go back to the view that an earlier box of this mailbox had, with the same UIDVALIDITY: N messages,
 * none gone. MSGS is a heap array, taken over. The next refresh tells what has changed since. */
void store_box_restore(struct store_box *b, struct store_msg *msgs, uint32_t n);

/* The directories in which a name changes whenever the mailbox does; open, the box's own. Returns
 * how many; 0: this box's UIDs end with it, and nobody can come back to its view. */
enum { STORE_DIRS_MAX = 2 };
size_t store_box_dirs(const struct store_box *b, int ret[STORE_DIRS_MAX]);

/* A descriptor that becomes readable when something may have happened (for IDLE); the box's
 * own. Each refresh empties it. */
enum rc store_box_watch(struct store_box *b, int *ret_fd, struct err *err);

#endif
