/* lib/imap/fetch.h - what a FETCH command asks for.
 *
 * Pure; results live in the caller's arena and borrow from the command's arguments.
 * (RFC 3501, 6.4.5) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_FETCH_H
#define LIB_IMAP_FETCH_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/imap/args.h"

enum imap_part_text {
	IMAP_PART_ALL,		/* BODY[], BODY[1] */
	IMAP_PART_HEADER,
	IMAP_PART_FIELDS,	/* HEADER.FIELDS (..) */
	IMAP_PART_FIELDS_NOT,
	IMAP_PART_TEXT,
	IMAP_PART_MIME
};

struct imap_section {
	struct slice old_name;	/* "RFC822.TEXT": asked for under a name without brackets */
	uint32_t *path;		/* part numbers; none: the message */
	size_t n_path;
	enum imap_part_text text;
	struct slice *fields;
	size_t n_fields;
	bool peek;		/* does not set \Seen */
	bool partial;
	uint64_t from, count;	/* bytes on the wire, when partial */
};

enum imap_fetch_kind {
	IMAP_FETCH_UID, IMAP_FETCH_FLAGS, IMAP_FETCH_INTERNALDATE, IMAP_FETCH_SIZE,
	IMAP_FETCH_ENVELOPE, IMAP_FETCH_BODY, IMAP_FETCH_BODYSTRUCTURE,
	IMAP_FETCH_SECTION
};

struct imap_fetch_item {
	enum imap_fetch_kind kind;
	struct imap_section section;	/* SECTION */
};

struct imap_fetch {
	struct imap_fetch_item *items;	/* in the order asked, each simple kind once */
	size_t n;
	unsigned kinds;			/* 1 << kind of all of them */
	bool sets_seen;
};

/* ARGS is what follows the set: a macro, an item, or a list of items. UID is added in front when
 * WITH_UID (UID FETCH). RC_SYNTAX with *RET_WHY; RC_LIMIT: arena full. */
enum rc imap_fetch_parse(struct imap_args args, bool with_uid, struct arena *a,
			 struct imap_fetch *out, const char **ret_why);

/* Append the section's name as it stands in a response: BODY[1.HEADER.FIELDS (To)]<0>. */
void imap_section_print(const struct imap_section *s, struct buf *out);

#endif
