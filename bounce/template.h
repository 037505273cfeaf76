/* bounce/template.h - the words of reports, built in or from bounce_template_file.
 *
 * Read once, before confinement: references to parameters are expanded then. */
/* SPDX-License-Identifier: ISC */
#ifndef BOUNCE_TEMPLATE_H
#define BOUNCE_TEMPLATE_H

#include "bounce/compose.h"
#include "lib/conf/maincf.h"

struct report_text {
	const char *charset;		/* of words */
	const char *from;		/* the header field, complete */
	const char *subject, *copy_subject;
	const char *words;
	bool is_8bit;
};

struct report_texts {
	struct report_text of[REPORT_KINDS];
};

/* PATH "": only the built-in ones. Strings live in ARENA. Faults name the file and the line; a
 * template with one stays as built in. Blocks. */
void template_load(const struct conf *c, const char *path, struct arena *arena,
		   struct report_texts *out, struct faults *faults);
/* The same from the file's TEXT; PATH is for faults. */
void template_parse(const struct conf *c, const char *path, struct slice text,
		    struct arena *arena, struct report_texts *out, struct faults *faults);

#endif
