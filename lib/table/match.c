/* lib/table/match.c - elements in order, the first match decides. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/match.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/net.h"

struct element {
	bool negate;
	char *pattern;		/* as written, without "!" */
	struct table *table;	/* one of these three, or none: the pattern is a name */
	bool is_net;
	struct net net;
};

struct match {
	enum match_kind kind;
	int flags;
	struct element *v;
	size_t n;
};

/* What is asked; an empty address in lists of names. */
struct question {
	struct slice name, address;
	bool has_net;
	struct net net;
	struct table_memo *memo;
	struct err *err;
};

/* Then it must be a good one: a mistyped network is no host name. */
static bool looks_like_net(struct slice s)
{
	struct net net;

	return (s.n > 0 && s.p[0] == '[') || slice_chr(s, '/') >= 0 || net_parse_address(s, &net);
}

static enum rc open_element(const struct match *m, const char *word, struct element *e,
			    struct err *err)
{
	struct slice s;

	for (; *word == '!'; word++)
		e->negate = !e->negate;
	e->pattern = mem_dup(word, strlen(word));
	s = slice_str(word);
	if (table_is_spec(s))
		return table_open(word, "hash", TABLE_FOLD, &e->table, err);
	if (m->kind != MATCH_CLIENTS) {
		if (slice_chr(s, ':') > 0 && slice_chr(s, '[') < 0)
			return err_set(err, RC_SYNTAX, "unsupported dictionary type: %.60s", word);
		return RC_OK;
	}
	if (slice_chr(s, ':') >= 0 && s.p[0] != '[')
		return err_set(err, RC_SYNTAX,
			       "\"%.60s\" is no table; an IPv6 address stands in []", word);
	e->is_net = looks_like_net(s);
	return e->is_net ? net_parse(s, &e->net, err) : RC_OK;
}

enum rc match_open(const struct str_list *words, enum match_kind kind, int flags,
		   struct match **out, struct err *err)
{
	struct match *m = mem_new(1, sizeof(*m));
	enum rc rc = RC_OK;

	m->kind = kind;
	m->flags = flags;
	m->v = mem_new(words->n + 1, sizeof(*m->v));
	while (m->n < words->n && rc == RC_OK) {
		rc = open_element(m, words->v[m->n], &m->v[m->n], err);
		m->n++;
	}
	if (rc != RC_OK)
		match_close(&m);
	else
		*out = m;
	return rc;
}

void match_close(struct match **m)
{
	if (*m == NULL)
		return;
	for (size_t i = 0; i < (*m)->n; i++) {
		table_close(&(*m)->v[i].table);
		free((*m)->v[i].pattern);
	}
	free((*m)->v);
	free(*m);
	*m = NULL;
}

/* The name, then its parents: "a.b.c", "b.c" or ".b.c", "c" or ".c". */
static enum rc ask_table_domains(const struct match *m, struct table *t,
				 const struct question *q)
{
	bool dotted = (m->flags & MATCH_PARENTS) == 0;
	struct slice key = q->name, value;
	ptrdiff_t dot;

	for (;;) {
		enum rc rc = table_lookup(t, q->memo, key, &value, q->err);

		if (rc != RC_END || table_is_pattern(t))
			return rc;
		dot = slice_chr(slice_skip(key, 1), '.');
		if (dot < 0)
			return RC_END;
		key = slice_skip(key, (size_t)dot + 1);
		if (!dotted)
			key = slice_skip(key, 1);
	}
}

static bool domain_matches(const struct match *m, struct slice pattern, struct slice name)
{
	if (slice_ieq(pattern, name))
		return true;
	if (name.n <= pattern.n || pattern.n == 0 || !slice_iends(name, pattern))
		return false;
	if (pattern.p[0] == '.')
		return (m->flags & MATCH_PARENTS) == 0;
	return (m->flags & MATCH_PARENTS) != 0 && name.p[name.n - pattern.n - 1] == '.';
}

static enum rc ask_table(const struct match *m, struct table *t, const struct question *q)
{
	struct slice value;
	enum rc rc = RC_END;

	if (q->name.n > 0 && m->kind == MATCH_STRINGS)
		return table_lookup(t, q->memo, q->name, &value, q->err);
	if (q->name.n > 0)
		rc = ask_table_domains(m, t, q);
	if (rc == RC_END && q->address.n > 0)
		rc = table_lookup(t, q->memo, q->address, &value, q->err);
	return rc;
}

static enum rc ask_element(const struct match *m, const struct element *e,
			   const struct question *q)
{
	struct slice pattern = slice_str(e->pattern);
	bool hit;

	if (e->table != NULL)
		return ask_table(m, e->table, q);
	if (e->is_net)
		hit = q->has_net && net_contains(&e->net, &q->net);
	else if (m->kind == MATCH_STRINGS)
		hit = slice_ieq(pattern, q->name);
	else
		hit = q->name.n > 0 && domain_matches(m, pattern, q->name);
	return hit ? RC_OK : RC_END;
}

static enum rc ask(const struct match *m, const struct question *q)
{
	for (size_t i = 0; i < m->n; i++) {
		enum rc rc = ask_element(m, &m->v[i], q);

		if (rc == RC_OK)
			return m->v[i].negate ? RC_END : RC_OK;
		if (rc != RC_END)
			return rc;
	}
	return RC_END;
}

static struct slice without_dot(struct slice name)
{
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

enum rc match_name(const struct match *m, struct table_memo *memo, struct slice name,
		   struct err *err)
{
	struct question q = { .name = without_dot(name), .memo = memo, .err = err };

	return ask(m, &q);
}

enum rc match_client(const struct match *m, struct table_memo *memo, struct slice name,
		     struct slice address, struct err *err)
{
	struct question q = { .name = without_dot(name), .address = address, .memo = memo,
			      .err = err };

	q.has_net = net_parse_address(address, &q.net);
	return ask(m, &q);
}

bool match_has_changed(const struct match *m, int64_t now_ms)
{
	bool changed = false;

	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].table != NULL)
			changed |= table_has_changed(m->v[i].table, now_ms);
	return changed;
}

bool match_wants_parents(const struct conf *c, const char *name)
{
	struct err err = { 0 };
	struct slice rest, word;
	bool found = false;
	struct buf b;

	buf_init(&b, 1 << 16);
	if (conf_expand_name(c, SLICE_LIT("parent_domain_matches_subdomains"), &b, &err) == RC_OK)
		for (rest = buf_slice(&b); !found && param_next_word(&rest, &word);)
			found = slice_is(word, name);
	buf_done(&b);
	return found;
}

static const char *remedy_of(const struct err *err)
{
	if (err->sys_errno == ENOENT)
		return "make the file, or correct its name";
	if (err->sys_errno != 0)
		return "it must be readable";
	if (strstr(err->text, "dictionary type") != NULL)
		return "\"postconf -m\" lists the types of tables";
	return "correct the value, or the file that is named";
}

static void report(const struct conf *c, const char *name, const struct err *err,
		   struct faults *faults)
{
	const struct conf_entry *e = conf_entry(c, slice_str(name));

	faults_add(faults, true, e != NULL ? e->file : NULL, e != NULL ? e->line : 0,
		   remedy_of(err), "%s: %s", name, err->text);
}

void match_load(const struct conf *c, const char *name, const struct str_list *words,
		enum match_kind kind, struct match **out, struct faults *faults)
{
	int flags = match_wants_parents(c, name) ? MATCH_PARENTS : 0;
	struct str_list none = { 0 };
	struct err err = { 0 };

	if (match_open(words, kind, flags, out, &err) == RC_OK)
		return;
	report(c, name, &err, faults);
	if (match_open(&none, kind, flags, out, &err) != RC_OK)
		abort();
}

void table_list_load(const struct conf *c, const char *name, const struct str_list *words,
		     int flags, struct table_list *out, struct faults *faults)
{
	*out = (struct table_list){ .v = mem_new(words->n + 1, sizeof(*out->v)) };
	for (size_t i = 0; i < words->n; i++) {
		struct err err = { 0 };

		if (table_open(words->v[i], "hash", flags, &out->v[out->n], &err) == RC_OK)
			out->n++;
		else
			report(c, name, &err, faults);
	}
}
