/* SPDX-License-Identifier: ISC */
#include "smtpd/footer.h"

#include <stdio.h>
#include <time.h>

#include "lib/conf/macro.h"

enum { FOOTER_MAX = 4096, REPLY_MAX = 8192, NAMES_N = 4 };

/* One expansion. */
struct names {
	struct { const char *name, *value; } v[NAMES_N];
	struct slice unknown;
};

static bool look_up(void *ctx, struct slice name, struct slice *ret)
{
	struct names *names = ctx;

	for (size_t i = 0; i < NAMES_N; i++) {
		if (slice_is(name, names->v[i].name)) {
			*ret = slice_str(names->v[i].value);
			return ret->n > 0;
		}
	}
	names->unknown = name;
	return false;
}

static void report_unknown(void *ctx, struct slice name)
{
	static const char known[] = " client_address client_port localtime server_name ";
	struct faults *faults = ctx;
	char word[64];

	snprintf(word, sizeof(word), " %.*s ", SLICE_ARG(name));
	if (strstr(known, word) == NULL)
		faults_add(faults, true, "main.cf", 0,
			   "it knows client_address, client_port, localtime and server_name",
			   "smtpd_reject_footer: unknown name $%.*s", SLICE_ARG(name));
}

void footer_load(const struct conf *c, const char *text, const struct str_list *maps,
		 struct footer *out, struct faults *faults)
{
	static const char *const others[] = { "proxy:", "unix:", "userdb:" };

	out->text = text;
	macro_names(slice_str(text), report_unknown, faults);
	for (size_t i = 0; i < maps->n; i++)
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			if (slice_starts(slice_str(maps->v[i]), slice_str(others[k])))
				faults_add(faults, true, "main.cf", 0, "name a table in a file",
					   "smtpd_reject_footer_maps: %s answers too late for "
					   "a reply", maps->v[i]);
	table_list_load(c, "smtpd_reject_footer_maps", maps, TABLE_FOLD, &out->maps, faults);
}

void footer_done(struct footer *f)
{
	table_list_close(&f->maps);
}

/* The template for REPLY, if any; valid until the tables are asked again. */
static struct slice find_template(const struct footer *f, const struct footer_facts *facts,
				  const struct smtp_reply *reply)
{
	struct slice found = { 0 };
	struct err err = { 0 };
	struct buf key;
	enum rc rc;

	if (f->maps.n == 0)
		return slice_str(f->text);
	buf_init(&key, REPLY_MAX);
	smtp_reply_print(reply, &key);
	rc = table_list_lookup(&f->maps, NULL, slice_sub(buf_slice(&key), 0, buf_len(&key) - 2),
			       &found, NULL, &err);
	buf_done(&key);
	if (rc == RC_OK)
		return found;
	if (rc != RC_END)
		log_warn(facts->log, "smtpd_reject_footer_maps: %s", err.text);
	return slice_str(f->text);
}

static enum rc expand(const struct footer_facts *facts, struct slice template, struct buf *out,
		      struct err *err)
{
	char local[32];
	time_t now = (time_t)facts->now_s;
	struct names names = { .v = { { "client_address", facts->client_address },
				      { "client_port", facts->client_port },
				      { "localtime", local },
				      { "server_name", facts->server_name } } };
	struct macro_source source = { .lookup = look_up, .ctx = &names };
	enum rc rc;
	struct tm tm;

	strftime(local, sizeof(local), "%b %d %H:%M:%S", localtime_r(&now, &tm));
	rc = macro_expand(&source, template, out, err);
	if (rc == RC_OK && names.unknown.n > 0)
		return err_set(err, RC_SYNTAX, "unknown name $%.*s", SLICE_ARG(names.unknown));
	return rc;
}

/* "\n" becomes a line's end; what main.cf broke into lines is one. */
static void append(struct slice s, struct buf *text)
{
	while (s.n > 0) {
		bool is_break = slice_starts(s, SLICE_LIT("\\n"));

		buf_addc(text, is_break ? '\n' : char_is_cntrl(s.p[0]) ? ' ' : s.p[0]);
		s = slice_skip(s, is_break ? 2 : 1);
	}
}

void footer_add(const struct footer *f, const struct footer_facts *facts,
		const struct smtp_reply *reply, struct buf *text)
{
	struct slice template = find_template(f, facts, reply);
	struct err err = { 0 };
	struct buf filled;

	if (template.n == 0)
		return;
	buf_init(&filled, FOOTER_MAX);
	if (expand(facts, template, &filled, &err) != RC_OK) {
		log_warn(facts->log, "smtpd_reject_footer: %s: \"%.*s\" is left out", err.text,
			 SLICE_ARG(template));
	} else if (slice_starts(buf_slice(&filled), SLICE_LIT("\\c"))) {
		append(slice_skip(buf_slice(&filled), 2), text);
	} else {
		buf_addc(text, '\n');
		append(buf_slice(&filled), text);
	}
	buf_done(&filled);
}
