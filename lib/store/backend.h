/* lib/store/backend.h - what a mail format must do to stand behind lib/store/store.h.
 *
 * A back end embeds struct store, store_box and store_append as the first members of its own
 * and fills their tables. store.c and box.c do what is the same for all: names, INBOX, the view
 * that only a refresh moves, flag arithmetic, status. Only lib/store includes this header. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_BACKEND_H
#define LIB_STORE_BACKEND_H

#include "lib/store/append.h"
#include "lib/store/names.h"

/* Mailbox names come checked, canonical ("INBOX") and without a trailing separator. */
struct store_ops {
	void (*free)(struct store *s);
	enum rc (*name_check)(const struct store *s, const char *name, struct err *err);
	enum rc (*names)(struct store *s, struct store_names *out, struct err *err);
	enum rc (*exists)(struct store *s, const char *name, struct err *err);
	enum rc (*create)(struct store *s, const char *name, struct err *err);
	enum rc (*remove)(struct store *s, const char *name, struct err *err);
	enum rc (*rename)(struct store *s, const char *from, const char *to, struct err *err);
	enum rc (*subscribed)(struct store *s, struct store_names *out, struct err *err);
	enum rc (*subscribe)(struct store *s, const char *name, bool on, struct err *err);
	enum rc (*lock_session)(struct store *s, unsigned timeout_ms, struct err *err);
	void (*keep_session)(struct store *s);
	enum rc (*box_open)(struct store *s, const char *name, unsigned mode,
			    struct store_box **out, struct err *err);
	enum rc (*append_begin)(struct store *s, const char *name, struct store_append **out,
				struct err *err);
};

struct store {
	const struct store_ops *ops;
	char separator;
	char *hostname;
	bool save_crlf, no_fsync;
	unsigned lock_timeout_ms;
};

/* A message as it is on disk now; the back end's table, ascending by UID. */
struct store_disk_msg {
	uint32_t uid;
	uint8_t flags;
	bool recent;
	uint64_t keywords;
};

struct store_box_ops {
	void (*free)(struct store_box *b);
	/* Look at the disk. RC_OK: the table may have changed; RC_END: it has not (or with
	 * *RET_DELETED: there is no mailbox any more). */
	enum rc (*sync)(struct store_box *b, unsigned how, bool *ret_deleted, unsigned *again_ms,
			struct err *err);
	size_t (*count)(const struct store_box *b);
	void (*disk_msg)(const struct store_box *b, size_t i, struct store_disk_msg *out);
	/* Changes of many messages stand between these two. */
	enum rc (*change_begin)(struct store_box *b, struct err *err);
	void (*change_end)(struct store_box *b);
	/* RC_END: gone; *RET holds the flags the message had and has. */
	enum rc (*set_flags)(struct store_box *b, uint32_t uid, const struct store_flag_op *op,
			     struct store_disk_msg *ret_old, struct store_disk_msg *ret,
			     struct err *err);
	enum rc (*expunge)(struct store_box *b, uint32_t uid, struct err *err);
	const char *(*keyword)(const struct store_box *b, unsigned bit);
	enum rc (*keyword_bit)(struct store_box *b, struct slice name, bool create,
			       unsigned *ret_bit, struct err *err);
	bool (*keywords_room)(const struct store_box *b);
	enum rc (*size)(struct store_box *b, uint32_t uid, enum store_size which, uint64_t *out,
			struct err *err);
	enum rc (*date)(struct store_box *b, uint32_t uid, int64_t *out, struct err *err);
	bool (*attr)(const struct store_box *b, uint32_t uid, enum store_attr which,
		     struct slice *out);
	enum rc (*read)(struct store_box *b, uint32_t uid, struct store_content *out,
			struct err *err);
	void (*learn_size)(struct store_box *b, uint32_t uid, uint64_t physical, uint64_t crlf);
	enum rc (*watch)(struct store_box *b, int *ret_fd, struct err *err);
	size_t (*dirs)(const struct store_box *b, int ret[STORE_DIRS_MAX]);
};

/* The view. The back end sets ops, store, readonly, uidvalidity, uidnext; sync() may change
 * uidnext and keywords_changed; the rest is box.c's. */
struct store_box {
	const struct store_box_ops *ops;
	struct store *store;
	uint32_t uidvalidity, uidnext;
	bool readonly, keywords_changed;
	struct store_msg *msgs;
	uint32_t n, size;
	uint64_t modseq;
	uint32_t n_gone;		/* marked gone, not yet given up */
	bool stale;			/* the table changed since the view was made from it */
	struct store_gone *gone;	/* the answer of the last refresh */
	uint32_t *changed;
};

/* Is NAME written as the back ends know it? What is not so on disk no client can name. */
bool store_name_is_canonical(const struct store *s, const char *name);

/* How long S gets when every bare LF becomes CRLF. */
uint64_t store_wire_size(struct slice s);

/* Make the first view of a box that has just been opened and synced. */
void store_box_first_view(struct store_box *b);

struct store_append_ops {
	void (*free)(struct store_append *a);	/* without commit: leaves no trace */
	enum rc (*message)(struct store_append *a, const struct store_append_meta *meta,
			   struct err *err);
	enum rc (*write)(struct store_append *a, struct slice data, struct err *err);
	/* A hard link or other short cut. RC_MORE: there is none, copy the bytes. */
	enum rc (*copy)(struct store_append *a, struct store_box *from, uint32_t uid,
			const struct store_append_meta *meta, struct err *err);
	enum rc (*commit)(struct store_append *a, struct store_appended *out, struct err *err);
};

struct store_append {
	const struct store_append_ops *ops;
	struct store *store;
	bool failed;		/* no commit any more */
};

enum rc md_store_open(const struct store_options *o, const char *path, struct store **out,
		      struct err *err);

#endif
