/* lib/conf/masterline.h - one logical line of master.cf as words, nothing interpreted.
 *
 * Pure. What master reads and what postconf -M prints and edits both start here. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_MASTERLINE_H
#define LIB_CONF_MASTERLINE_H

#include "lib/base/arena.h"
#include "lib/conf/param.h"

/* The columns; the command is the first word after them. */
enum masterline_field { MASTERLINE_SERVICE, MASTERLINE_TYPE, MASTERLINE_PRIVATE,
			MASTERLINE_UNPRIVILEGED, MASTERLINE_CHROOT, MASTERLINE_WAKEUP,
			MASTERLINE_LIMIT, MASTERLINE_COMMAND, MASTERLINE_FIELDS };

extern const char *const masterline_field_names[MASTERLINE_FIELDS];	/* as postconf -F says */

struct masterline {
	const char *field[MASTERLINE_FIELDS];
	struct str_list args;		/* words after the command; {..} groups with braces */
};

/* Copies into ARENA. RC_SYNTAX: fewer than 8 words, or a {..} group that does not end. */
enum rc masterline_parse(struct slice text, struct arena *arena, struct masterline *out,
			 struct err *err);

/* If args.v[I] begins an -o option, give its name and value and return how many words it takes
 * (1 or 2); 0 when it is something else; -1 with ERR when it is a broken -o. Name and value are
 * in ARENA, trimmed. */
int masterline_option(const struct masterline *l, size_t i, struct arena *arena, char **ret_name,
		      char **ret_value, struct err *err);

#endif
