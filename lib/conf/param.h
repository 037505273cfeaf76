/* lib/conf/param.h - parameters as data: declared once in a params.def, loaded into a struct.
 *
 *	PARAM(type, name, "default", lo, hi, "One paragraph of documentation.")
 *
 * Types: STR, RAW (no $ expansion), INT, BOOL, TIME (seconds unless a suffix s m h d w says
 * otherwise; the default must carry its suffix; value in milliseconds), SIZE (bytes, 64 bit),
 * LIST (words split at blanks and commas, {..} groups kept whole, /file elements read in;
 * lists that may name tables keep type:name words for lib/table). Defaults are strings, so that
 * $name in them expands late. lo/hi bound INT, TIME (in ms) and SIZE; 0, 0 = no bound.
 *
 * A program declares its struct with
 *	#define PARAMS_STRUCT smtpd_params
 *	#define PARAMS_FILE "smtpd/params.def"
 *	#include "lib/conf/param_struct.h"
 * which defines `struct smtpd_params` (const char * for STR and RAW, int64_t for INT, TIME (in
 * milliseconds, under the declared name) and SIZE, bool, struct str_list for LIST),
 * `static const struct param_spec smtpd_params_specs[]` and `enum { smtpd_params_count }`. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_PARAM_H
#define LIB_CONF_PARAM_H

#include "lib/conf/maincf.h"

enum param_type { PARAM_STR, PARAM_RAW, PARAM_INT, PARAM_BOOL, PARAM_TIME, PARAM_SIZE,
		  PARAM_LIST };

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
};

/* Fill OUT (the struct SPECS describe) from C. Strings live in ARENA. Every fault (bad value,
 * out of range) is added to FAULTS with file and line; members with faults get their default. */
void params_load(const struct param_spec *specs, size_t n, const struct conf *c,
		 struct arena *arena, void *out, struct faults *faults);

/* One value by hand, same rules: "1h" to ms, "yes", "10M". */
enum rc param_parse_time(struct slice s, char default_unit, int64_t *ret_ms);
enum rc param_parse_size(struct slice s, int64_t *ret_bytes);
enum rc param_parse_bool(struct slice s, bool *ret);

#endif
