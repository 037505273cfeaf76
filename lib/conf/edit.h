/* lib/conf/edit.h - changing main.cf without losing a comment.
 *
 * Pure: text in, text out. A definition that is set again stays where it is; its continuation
 * lines go, comments between them stay. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_EDIT_H
#define LIB_CONF_EDIT_H

#include "lib/base/buf.h"

enum edit_kind {
	EDIT_SET,	/* name = value; at the end when it is not there */
	EDIT_REMOVE,
	EDIT_COMMENT	/* a "#" in front of each of its lines */
};

struct edit {
	struct slice name, value;
	unsigned hits;		/* out: definitions of NAME that were there */
};

/* All N edits are of KIND. Appended to OUT. */
void edit_maincf(struct slice text, enum edit_kind kind, struct edit *edits, size_t n,
		 struct buf *out);

#endif
