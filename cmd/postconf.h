/* cmd/postconf.h - what the parts of postconf share. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_POSTCONF_H
#define CMD_POSTCONF_H

#include "lib/conf/known.h"
#include "lib/conf/masterfile.h"

/* Bits, one for each option; see the table in postconf.c. */
enum {
	POSTCONF_SASL = 1 << 0,		/* -a */
	POSTCONF_DEFAULTS = 1 << 1,	/* -d */
	POSTCONF_EDIT = 1 << 2,		/* -e, or a name=value argument */
	POSTCONF_FOLD = 1 << 3,		/* -f */
	POSTCONF_FIELDS = 1 << 4,	/* -F */
	POSTCONF_NO_NAME = 1 << 5,	/* -h */
	POSTCONF_NO_VALUE = 1 << 6,	/* -H */
	POSTCONF_LOCKS = 1 << 7,	/* -l */
	POSTCONF_MAPS = 1 << 8,		/* -m */
	POSTCONF_ENTRIES = 1 << 9,	/* -M */
	POSTCONF_SET = 1 << 10,		/* -n */
	POSTCONF_OVERRIDE = 1 << 11,	/* -o */
	POSTCONF_MAIN = 1 << 12,	/* -p */
	POSTCONF_PARAMS = 1 << 13,	/* -P */
	POSTCONF_EXPAND = 1 << 14,	/* -x */
	POSTCONF_REMOVE = 1 << 15,	/* -X */
	POSTCONF_COMMENT = 1 << 16,	/* -# */
	POSTCONF_QUIET = 1 << 17,	/* -q */
	POSTCONF_CLASS = 1 << 18,	/* -C */
	POSTCONF_CLIENT_SASL = 1 << 19	/* -A */
};
enum { POSTCONF_CHANGES = POSTCONF_EDIT | POSTCONF_REMOVE | POSTCONF_COMMENT };

struct postconf {
	unsigned mode;
	unsigned classes;		/* -C: bits 1 << enum known_class */
	const char *dir;
	bool has_explicit_dir;		/* -c or MAIL_CONFIG: config_directory counts as set */
	struct arena arena;
	struct conf *c;			/* main.cf with -o */
	struct conf *defaults;		/* nothing set */
	struct service *services;
	struct known *known;
	char *master_path;
	struct buf text;		/* of master.cf */
	struct masterfile master;
};

void postconf_main_show(struct postconf *p, char **names);
void postconf_main_edit(struct postconf *p, char **args);

void postconf_master_show(struct postconf *p, char **requests);
void postconf_master_edit(struct postconf *p, char **args);

/* "name = value", white space made single blanks, wrapped with -f; -h and -H leave parts out. */
void postconf_print(const struct postconf *p, const char *name, struct slice value);

/* "name=value" cut in two; fatal when it is not that. */
void postconf_cut_setting(const char *arg, struct slice *ret_name, struct slice *ret_value);

#endif
