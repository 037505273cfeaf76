/* lib/conf/maincf.h - main.cf: read, look up, expand.
 *
 * A struct conf holds name = value pairs of main.cf with their line numbers, overlaid by the
 * service's -o options. Values stay raw until asked for, because $name expands late and sees
 * overrides. Owns its strings in its arena; values returned by conf_raw() live as long as it. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_MAINCF_H
#define LIB_CONF_MAINCF_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/hash.h"

/* A fault found in configuration; check prints all of them. */
struct fault {
	struct fault *next;
	bool is_fatal;		/* false: a note or warning */
	char *file;		/* NULL when in no file */
	unsigned line;		/* 0 when unknown */
	char *text;		/* what is wrong */
	char *remedy;		/* what to do; may be NULL */
};
struct faults {
	struct arena *arena;
	struct fault *first, **tail;
	unsigned fatal_count;
};
void faults_init(struct faults *f, struct arena *arena);
void faults_add(struct faults *f, bool is_fatal, const char *file, unsigned line,
		const char *remedy, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* "FILE, line N: text (remedy)", without a line end. */
void fault_print(const struct fault *fault, struct buf *out);

struct conf;
struct registry;

/* Faults without a line whose text begins with "NAME: ", a parameter that C sets, get the place
 * where it is set. */
void faults_locate(struct faults *f, const struct conf *c);

/* CONFIG_DIR is where main.cf and master.cf are (copied). */
struct conf *conf_new(const char *config_dir);
void conf_free(struct conf **c);
const char *conf_dir(const struct conf *c);
const struct registry *conf_registry(const struct conf *c);

/* Read CONFIG_DIR/main.cf. Grammar faults go to FAULTS, reading goes on. RC_SYS when the file
 * cannot be read. */
enum rc conf_read(struct conf *c, struct faults *faults, struct err *err);
/* The same from memory (FILE names it in faults): fuzz targets, tests. */
void conf_parse(struct conf *c, const char *file, struct slice text, struct faults *faults);

/* Set by -o; wins over main.cf. */
void conf_override(struct conf *c, struct slice name, struct slice value);
/* The same with the place in master.cf, for faults. */
void conf_override_at(struct conf *c, struct slice name, struct slice value, const char *file,
		      unsigned line);

/* A configuration of its own with everything that is set in C. */
struct conf *conf_copy(const struct conf *c);

/* Raw text set in main.cf or by -o; false when neither sets it. *RET_LINE may be NULL. */
bool conf_raw(const struct conf *c, struct slice name, struct slice *ret, unsigned *ret_line);

/* What NAME stands for before expansion: set value, else computed (myhostname, mydomain,
 * mynetworks, process_name ...), else the declared default (lib/conf/registry.h). False: a name
 * that nobody knows. *RET lives as long as C. */
bool conf_lookup(const struct conf *c, struct slice name, struct slice *ret);

/* Expanded value, appended to OUT; empty for unknown names; raw parameters (param.h) are left
 * as they are. RC_SYNTAX on bad ${..}, RC_LIMIT on recursion. */
enum rc conf_expand_name(const struct conf *c, struct slice name, struct buf *out,
			 struct err *err);
/* Expand the references in TEXT. */
enum rc conf_expand(const struct conf *c, struct slice text, struct buf *out, struct err *err);

/* One name that is set: where and how often. */
struct conf_entry {
	struct slice name, value;	/* raw, joined, without outer white space */
	bool is_override;		/* set by -o */
	const char *file;		/* NULL: on a command line */
	unsigned line;			/* of the definition that counts */
};

/* Walk the names that are set, in the order of their definitions. Start with *POS = 0; NULL at
 * the end. */
const struct conf_entry *conf_next(const struct conf *c, size_t *pos);
const struct conf_entry *conf_entry(const struct conf *c, struct slice name); /* NULL: not set */

#endif
