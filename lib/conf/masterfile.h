/* lib/conf/masterfile.h - master.cf as a file that can be shown and changed.
 *
 * Pure. Entries keep their text until they are changed; comments and blank lines always do. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_MASTERFILE_H
#define LIB_CONF_MASTERFILE_H

#include "lib/base/arena.h"
#include "lib/conf/maincf.h"
#include "lib/conf/masterline.h"

enum masterfile_state { MASTERFILE_KEPT, MASTERFILE_CHANGED, MASTERFILE_REMOVED,
			MASTERFILE_COMMENTED };

/* A run of lines: an entry with its continuation, or what stands between entries. */
struct masterfile_item {
	struct masterfile_item *next;
	struct slice raw;
	unsigned line;
	bool is_entry;
	struct masterline entry;
	enum masterfile_state state;
};

struct masterfile {
	struct arena *arena;
	struct masterfile_item *first, **tail;
};

/* TEXT must live as long as OUT. Entries that are not understood are faults. */
void masterfile_parse(const char *file, struct slice text, struct arena *arena,
		      struct masterfile *out, struct faults *faults);

/* Append the entry at the end of the file. False: the arena is full. */
bool masterfile_add(struct masterfile *f, const struct masterline *entry);

void masterfile_print(const struct masterfile *f, struct buf *out);

/* One entry in columns; IS_FOLDED puts each option on a line of its own and wraps the rest. */
void masterline_format(const struct masterline *l, bool is_folded, struct buf *out);

/* The command with its arguments, as postconf -F shows it behind what OUT holds already. */
void masterline_command(const struct masterline *l, bool is_folded, struct buf *out);

/* Words that are put into lines of less than MASTERLINE_WIDTH bytes; longer ones stand alone. */
enum { MASTERLINE_WIDTH = 80, MASTERLINE_INDENT = 4 };

#endif
