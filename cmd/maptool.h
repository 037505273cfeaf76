/* cmd/maptool.h - what postmap and postalias share: building, asking and listing tables. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_MAPTOOL_H
#define CMD_MAPTOOL_H

#include "lib/table/table.h"

struct maptool {
	const char *name;	/* "postmap" */
	const char *usage;
	const char *options;	/* for getopt(3) */
	bool is_alias;		/* sources are "key: value"; lists print "key:<TAB>value" */

	/* from the command line */
	const char *config_dir;
	const char *query_key, *delete_key;
	bool lists;		/* -s */
	bool is_incremental;	/* -i */
	bool replaces, ignores;	/* -r, -w: what a duplicate does, instead of a warning */
	bool keeps_case;	/* -f */
	bool is_file_list;	/* -F */
	bool with_nul;		/* -N */
	bool keeps_root;	/* -o */
	bool default_mode;	/* -p */
	bool any_bytes;		/* -u, or smtputf8_enable = no: no check for UTF-8 */
	bool header_keys, body_keys, by_mime;	/* -h -b -m */

	const char *default_type;	/* default_database_type */
};

/* The whole program. */
int maptool_main(struct maptool *tool, int argc, char **argv);

/* Build the index of SPEC ("type:file" or "file"), or add to it. */
void maptool_build(const struct maptool *tool, const char *spec);
/* Remove KEY ("-": keys on standard input) from the index of SPEC; true when one was there. */
bool maptool_delete(const struct maptool *tool, const char *spec, const char *key);

/* Keys out of a message on standard input, for -h, -b and -m. */
void maptool_message_keys(const struct maptool *tool,
			  void (*each)(void *ctx, struct slice key), void *ctx);

#endif
