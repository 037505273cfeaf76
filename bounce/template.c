/* SPDX-License-Identifier: ISC */
#include "bounce/template.h"

#include <assert.h>
#include <inttypes.h>

#include "lib/conf/macro.h"
#include "lib/conf/param.h"
#include "lib/conf/slurp.h"

enum { FILE_MAX = 1 << 20, WORDS_MAX = 1 << 20 };

#define HEAD "This is the mail system at $myhostname.\n\n"
#define TAIL "\nFor help, write to postmaster and enclose this report; the attached\n" \
	     "message need not be enclosed.\n\n                   The mail system\n"

static const char default_from[] = "Mail Delivery System <MAILER-DAEMON>";

static const struct { const char *name, *subject, *copy_subject, *words; } builtin[] = {
	[REPORT_FAILED] = {
		"failure_template", "Undelivered Mail Returned to Sender",
		"Postmaster Copy: Undelivered Mail",
		HEAD "Your message could not be delivered to the recipients below, and no further\n"
		"attempt will be made. After each address stands what went wrong; your\n"
		"message is attached.\n" TAIL
	},
	[REPORT_DELAYED] = {
		"delay_template", "Delayed Mail (still being retried)",
		"Postmaster Warning: Delayed Mail",
		HEAD "This is only a warning: there is nothing you need to do.\n\n"
		"Your message has not reached the recipients below yet. Delivery is tried\n"
		"again from time to time, and you will be told if it fails in the end.\n"
		"It is kept for $maximal_queue_lifetime_days days in all.\n" TAIL
	},
	[REPORT_SUCCESS] = {
		"success_template", "Successful Mail Delivery Report",
		"Postmaster Copy: Successful Mail Delivery",
		HEAD "Your message was delivered to the recipients below, as far as this system\n"
		"can tell. You asked for this notice.\n" TAIL
	},
	[REPORT_ASKED] = {
		"verify_template", "Mail Delivery Status Report",
		"Postmaster Copy: Mail Delivery Status",
		HEAD "Here is the delivery report that you asked for.\n" TAIL
	},
};
static_assert(sizeof(builtin) / sizeof(builtin[0]) == REPORT_KINDS, "a text for each kind");

/* One load. */
struct loader {
	struct conf *c;			/* a copy, with the times in every unit */
	const char *path, *origin;
	struct slice rest;
	unsigned line;			/* of the last one read */
	struct arena *arena;
	struct faults *faults;
};

static void fault(struct loader *l, const char *remedy, const char *what, struct slice word)
{
	faults_add(l->faults, true, l->path, l->line, remedy, "%s%s%.*s", what,
		   word.n > 0 ? ": " : "", SLICE_ARG(word));
}

static const char *keep(struct loader *l, struct slice s)
{
	char *copy = arena_str(l->arena, s);

	return copy != NULL ? copy : "";
}

/* --- what a text may refer to --- */

static void set_times(struct loader *l, const char *name)
{
	static const struct { const char *unit; int64_t ms; } units[] = {
		{ "seconds", 1000 }, { "minutes", 60000 }, { "hours", 3600000 },
		{ "days", 86400000 }, { "weeks", 604800000 },
	};
	const struct param_spec spec = { .type = PARAM_TIME, .name = name, .def = "0s",
					 .hi = INT64_MAX };
	struct faults ignored;	/* qmgr reports them */
	int64_t ms = 0;

	faults_init(&ignored, l->arena);
	params_load(&spec, 1, l->c, l->arena, &ms, &ignored);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		char *full = arena_printf(l->arena, "%s_%s", name, units[i].unit);
		char *value = arena_printf(l->arena, "%" PRId64, ms / units[i].ms);

		if (full != NULL && value != NULL)
			conf_override(l->c, slice_str(full), slice_str(value));
	}
}

static void check_name(void *ctx, struct slice name)
{
	struct loader *l = ctx;
	struct slice value;

	if (!conf_lookup(l->c, name, &value))
		fault(l, "set it in main.cf, or write $$ for a dollar", "undefined parameter", name);
}

static bool is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static void set_words(struct loader *l, struct report_text *t, struct slice text)
{
	struct err err = { 0 };
	struct buf words;

	macro_names(text, check_name, l);
	buf_init(&words, WORDS_MAX);
	if (conf_expand(l->c, text, &words, &err) != RC_OK)
		fault(l, "write $$ for a dollar", err.text, (struct slice){ 0 });
	else if (!is_ascii(buf_slice(&words)) && slice_iis(slice_str(t->charset), "us-ascii"))
		fault(l, "name it in a line Charset:", "bytes that us-ascii does not have",
		      (struct slice){ 0 });
	buf_addc(&words, '\n');
	t->words = keep(l, buf_slice(&words));
	t->is_8bit = !is_ascii(buf_slice(&words));
	buf_done(&words);
}

/* --- the file --- */

/* An address without a domain gets ours: "LOCAL (name)" or "name <LOCAL>". */
static const char *complete_from(struct loader *l, struct slice from)
{
	ptrdiff_t close = slice_chr(from, '>'), blank = slice_chr(from, ' ');
	size_t end = close >= 0 ? (size_t)close : blank >= 0 ? (size_t)blank : from.n;

	if (slice_chr(from, '@') >= 0)
		return keep(l, from);
	return arena_printf(l->arena, "%.*s@%s%.*s", SLICE_ARG(slice_sub(from, 0, end)), l->origin,
			    SLICE_ARG(slice_skip(from, end)));
}

static bool next_line(struct loader *l, struct slice *ret)
{
	l->line++;
	return slice_line(&l->rest, ret);
}

static bool is_printable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is_cntrl(s.p[i]))
			return false;
	return is_ascii(s);
}

static void set_header(struct loader *l, struct report_text *t, struct slice name,
		       struct slice value)
{
	if (!is_printable(value))
		fault(l, "write it in ASCII, or as RFC 2047 says", "not printable ASCII", name);
	else if (slice_iis(name, "charset"))
		t->charset = keep(l, value);
	else if (slice_iis(name, "from"))
		t->from = complete_from(l, value);
	else if (slice_iis(name, "subject"))
		t->subject = keep(l, value);
	else if (slice_iis(name, "postmaster-subject"))
		t->copy_subject = keep(l, value);
	else
		fault(l, "write Charset, From, Subject or Postmaster-Subject", "unknown header",
		      name);
}

/* "Name: value" */
static bool cut_header(struct slice line, struct slice *ret_name, struct slice *ret_value)
{
	ptrdiff_t colon = slice_chr(line, ':');

	*ret_name = slice_sub(line, 0, colon < 0 ? 0 : (size_t)colon);
	*ret_value = slice_trim_space(slice_skip(line, ret_name->n + 1));
	for (size_t i = 0; i < ret_name->n; i++)
		if (!char_is_alnum(ret_name->p[i]) && ret_name->p[i] != '-')
			return false;
	return ret_name->n > 0;
}

/* Headers, an empty line, words; up to the line that is MARKER. */
static void read_template(struct loader *l, struct report_text *t, struct slice marker)
{
	bool in_headers = true;
	struct slice line, name, value, text = { NULL, 0 };

	while (next_line(l, &line)) {
		if (slice_eq(slice_trim_space(line), marker)) {
			set_words(l, t, text);
			return;
		}
		if (in_headers && cut_header(line, &name, &value)) {
			set_header(l, t, name, value);
			continue;
		}
		if (in_headers && line.n == 0)
			text = slice_make(l->rest.p, 0);
		else if (in_headers)
			text = slice_make(line.p, 0);
		in_headers = false;
		text.n = (size_t)(l->rest.p - text.p);
	}
	fault(l, "end the template with that line", "no line", marker);
}

static void read_file(struct loader *l, struct report_texts *out)
{
	struct slice line;

	while (next_line(l, &line)) {
		struct slice s = slice_trim_space(line), name, marker;
		ptrdiff_t eq = slice_chr(s, '=');
		size_t kind = REPORT_FAILED;
		unsigned before = l->faults->fatal_count;
		struct report_text t;

		if (s.n == 0 || s.p[0] == '#')
			continue;
		name = slice_trim_space(slice_sub(s, 0, eq < 0 ? 0 : (size_t)eq));
		marker = slice_trim_space(slice_skip(s, eq < 0 ? s.n : (size_t)eq + 1));
		if (!slice_starts(marker, SLICE_LIT("<<")) || marker.n == 2) {
			fault(l, "write: failure_template = <<EOF", "not the start of a template", s);
			return;
		}
		while (kind < REPORT_KINDS && !slice_is(name, builtin[kind].name))
			kind++;
		if (kind == REPORT_KINDS)
			fault(l, "there are failure_, delay_, success_ and verify_template",
			      "unknown template", name);
		t = out->of[kind < REPORT_KINDS ? kind : REPORT_FAILED];
		read_template(l, &t, slice_trim_space(slice_skip(marker, 2)));
		if (l->faults->fatal_count == before)
			out->of[kind] = t;
	}
}

void template_parse(const struct conf *c, const char *path, struct slice text,
		    struct arena *arena, struct report_texts *out, struct faults *faults)
{
	struct loader l = { .c = conf_copy(c), .path = path, .arena = arena, .faults = faults };
	struct err err = { 0 };
	struct buf origin;

	buf_init(&origin, 4096);
	(void)!conf_expand_name(c, SLICE_LIT("myorigin"), &origin, &err);
	l.origin = keep(&l, buf_slice(&origin));
	set_times(&l, "delay_warning_time");
	set_times(&l, "maximal_queue_lifetime");
	for (size_t i = REPORT_FAILED; i < REPORT_KINDS; i++) {
		out->of[i] = (struct report_text){ .charset = "us-ascii",
						   .from = complete_from(&l, slice_str(default_from)),
						   .subject = builtin[i].subject,
						   .copy_subject = builtin[i].copy_subject,
						   .words = "" };
		set_words(&l, &out->of[i], slice_str(builtin[i].words));
	}
	l.rest = text;
	read_file(&l, out);
	buf_done(&origin);
	conf_free(&l.c);
}

void template_load(const struct conf *c, const char *path, struct arena *arena,
		   struct report_texts *out, struct faults *faults)
{
	struct err err = { 0 };
	struct buf file;

	buf_init(&file, FILE_MAX);
	if (path[0] != '\0' && slurp_file(path, &file, NULL, &err) != RC_OK)
		faults_add(faults, true, "main.cf", 0, "write it, or remove the parameter",
			   "bounce_template_file: %s", err.text);
	template_parse(c, path, buf_slice(&file), arena, out, faults);
	buf_done(&file);
}
