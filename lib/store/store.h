/* lib/store/store.h - one user's mail: its mailboxes by name, and their subscriptions.
 *
 * The narrow door to every mail format: what a back end must do stands in lib/store/backend.h,
 * messages in lib/store/box.h, adding of messages in lib/store/append.h. All calls block (one
 * user, one process) and all state on disk is taken for hostile. No call logs; a store is used
 * by one thread.
 *
 * Names are hierarchical, in modified UTF-7 as on the IMAP wire and on disk, parts separated by
 * the option's separator, without any namespace prefix; "INBOX" is found in any case and always
 * exists. What the codes mean in this library:
 *	RC_END		no such mailbox; message gone
 *	RC_SYNTAX	the name cannot be a mailbox here
 *	RC_PERM		it exists already, or the operation is refused for good
 *	RC_DENIED	the file system's permissions, or a read-only box
 *	RC_LIMIT	disk or quota full, message too large, too many keywords
 *	RC_TEMP		a lock could not be had in time
 *	RC_SYS		anything else the system said; errno is in the err */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_STORE_H
#define LIB_STORE_STORE_H

#include "lib/base/slice.h"

struct store;

enum { STORE_NAME_MAX = 254 };	/* bytes of a mailbox name; with a dot, those of a file's */

struct store_options {
	const char *location;	/* mail_location, variables expanded: "maildir:~/Maildir" */
	const char *home;	/* absolute; "~/" above. May be NULL when LOCATION is absolute */
	char separator;		/* between the parts of a name: '/' or '.'; 0 is '.' */
	const char *hostname;	/* for unique file names; NULL: asked from the system */
	bool save_crlf;		/* mail_save_crlf: write messages with CRLF, not LF */
	bool no_fsync;		/* mail_fsync = never: an append need not survive a crash */
	unsigned lock_timeout_ms;	/* 0 is two minutes */
};

/* RC_OK when LOCATION, variables expanded or not, is of a form that store_open() takes. */
enum rc store_location_check(const char *location, struct err *err);

/* Open the store; what LOCATION names is created with INBOX when it does not exist. Strings of
 * O are copied. RC_SYNTAX: LOCATION is not understood. */
enum rc store_open(const struct store_options *o, struct store **out, struct err *err);
void store_free(struct store **s);

/* RC_OK when NAME could be a mailbox, existing or not; otherwise RC_SYNTAX with the reason. */
enum rc store_name_check(const struct store *s, const char *name, struct err *err);

enum store_entry_attr {
	STORE_ENTRY_NOSELECT = 1,	/* only a place in the tree: not there itself */
	STORE_ENTRY_CHILDREN = 2,	/* has mailboxes below it */
	STORE_ENTRY_SUBSCRIBED = 4,
	STORE_ENTRY_SUBSCRIBED_BELOW = 8	/* a subscribed name lies below it (LSUB) */
};

struct store_entry {
	const char *name;
	unsigned attrs;		/* enum store_entry_attr */
};

/* A heap array sorted so that each name is followed by what lies below it; INBOX comes first.
 * Empty after store_list_done(), which accepts a zeroed list. */
struct store_list {
	struct store_entry *entries;
	size_t n;
};
void store_list_done(struct store_list *l);

/* Every mailbox, and every name that has one below it without being one. */
enum rc store_list(struct store *s, struct store_list *out, struct err *err);

/* Every subscribed name, whether or not the mailbox exists (then STORE_ENTRY_NOSELECT). */
enum rc store_list_subscribed(struct store *s, struct store_list *out, struct err *err);

/* RC_OK, RC_END when there is no mailbox NAME, RC_SYNTAX. */
enum rc store_exists(struct store *s, const char *name, struct err *err);

/* A trailing separator is the client's word that children will follow (RFC 3501, 6.3.3) and is
 * ignored. RC_PERM: exists. Creates no parents: a missing parent is a NOSELECT entry. */
enum rc store_create(struct store *s, const char *name, struct err *err);

/* The mailbox and its messages; what lies below it and its subscription stay. RC_PERM: INBOX. */
enum rc store_delete(struct store *s, const char *name, struct err *err);

/* FROM and all that lies below it. INBOX instead gives its messages to the new mailbox TO and
 * stays, empty (RFC 3501, 6.3.5). RC_PERM: TO exists, or lies below FROM. */
enum rc store_rename(struct store *s, const char *from, const char *to, struct err *err);

/* Names need not exist. Repeating is no error; RC_END when removing what is not subscribed. */
enum rc store_subscribe(struct store *s, const char *name, bool on, struct err *err);

/* One session at a time: hold the store's POP3 lock until store_free(). RC_TEMP: another session
 * has it. store_keep_session() shows that this one lives: call it once a minute. */
enum rc store_lock_session(struct store *s, unsigned timeout_ms, struct err *err);
void store_keep_session(struct store *s);

struct store_status {
	uint32_t messages, recent, unseen, deleted;
	uint32_t uidnext, uidvalidity;
	uint64_t modseq;
};

/* State of a mailbox that need not be open; nobody's \Recent is taken away. */
enum rc store_status(struct store *s, const char *name, struct store_status *out,
		     struct err *err);

#endif
