/* lib/conf/param.h - parameters as data: declared once in a params.def, loaded into a struct.
 *
 *	PARAM(type, name, "default", lo, hi, "One paragraph of documentation.")
 *
 * Types: STR, RAW (no $ expansion), INT, BOOL, TIME (a suffix s m h d w; without one the unit is
 * that of the default, which must carry its suffix; value in milliseconds), SIZE (bytes, suffix
 * k m g allowed), LIST (words split at blanks and commas, {..} groups kept whole), MATCH (a LIST
 * whose /file elements are replaced by the words of that file, "!" in front of a file is put in
 * front of each: mydestination, mynetworks, relay_domains; asked through lib/table/match.h).
 * Defaults are strings, so that $name in them expands late. lo/hi bound INT, TIME (in ms), SIZE
 * and the length of STR; 0, 0 = no bound. PARAM_NAMED(type, member, "name", ...) is for names
 * that are no C identifiers.
 *
 * A program declares its struct with
 *	#define PARAMS_STRUCT smtpd_params
 *	#define PARAMS_FILE "smtpd/params.def"
 *	#include "lib/conf/param_struct.h"
 * which defines `struct smtpd_params` (const char * for STR and RAW, int64_t for INT, TIME (in
 * milliseconds, under the declared name) and SIZE, bool, struct str_list for LIST and MATCH),
 * `static const struct param_spec smtpd_params_specs[]` and `enum { smtpd_params_count }`. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_PARAM_H
#define LIB_CONF_PARAM_H

#include "lib/conf/maincf.h"

enum param_type { PARAM_STR, PARAM_RAW, PARAM_INT, PARAM_BOOL, PARAM_TIME, PARAM_SIZE,
		  PARAM_LIST, PARAM_MATCH };

struct str_list {
	const char **v;
	size_t n;
};

struct param_spec {
	enum param_type type;
	const char *name;
	const char *def;	/* default as written in the .def */
	int64_t lo, hi;
	const char *doc;
	size_t offset;		/* of the member in the struct */
	const char *file;	/* the params.def, for manuals; as the compiler spells it */
};

/* Fill OUT (the struct SPECS describe) from C. Strings live in ARENA. Every fault (bad value,
 * out of range) is added to FAULTS with file and line; members with faults get their default. */
void params_load(const struct param_spec *specs, size_t n, const struct conf *c,
		 struct arena *arena, void *out, struct faults *faults);

/* Would NAME load? Faults as params_load(); the value is dropped. */
void param_check(const struct param_spec *spec, const struct conf *c, struct faults *faults);

/* A name made at run time (relay_destination_concurrency_limit): params_load() with one spec. */

/* Words of a LIST; each is a copy in ARENA. RC_LIMIT when the arena is full. */
enum rc param_split_list(struct slice s, struct arena *arena, struct str_list *out);
/* Words of a MATCH: as above, then files. RC_SYS: a file cannot be read. */
enum rc param_split_match(struct slice s, struct arena *arena, struct str_list *out,
			  struct err *err);
/* Next word of *S, {..} groups kept whole with their braces. False at the end. */
bool param_next_word(struct slice *s, struct slice *ret);

/* One value by hand, same rules: "1h" to ms, "yes", "10M". */
enum rc param_parse_time(struct slice s, char default_unit, int64_t *ret_ms);
enum rc param_parse_size(struct slice s, int64_t *ret_bytes);
enum rc param_parse_bool(struct slice s, bool *ret);

const char *param_type_name(enum param_type t);

#endif
