/* Canonical maps, masquerading, virtual aliases: from one address to another, or to many. */
/* SPDX-License-Identifier: ISC */
#include "lib/address/address_int.h"
#include "lib/mail/addr.h"

enum { MAX_CHAIN = 10 };	/* canonical maps that feed themselves */

static struct slice keep(const struct address_query *q, struct slice s)
{
	return arena_slice(q->arena, s);
}

/* LOCAL EXT @DOMAIN in standard form, in the arena. */
static enum rc finish_result(const struct address_query *q, struct slice local,
			     struct slice domain, struct slice ext, struct slice *ret)
{
	struct buf raw, standard;
	enum rc rc = RC_OK;

	buf_init(&raw, ADDRESS_MAX * 2);
	buf_init(&standard, ADDRESS_MAX * 2);
	buf_add(&raw, local);
	if (domain.p != NULL) {
		buf_addc(&raw, '@');
		buf_add(&raw, domain);
	}
	address_rewrite(q->conf, buf_slice(&raw), &standard);
	local = address_local(buf_slice(&standard));
	domain = address_domain(buf_slice(&standard));
	buf_reset(&raw);
	buf_add(&raw, local);
	buf_add(&raw, ext);
	buf_addc(&raw, '@');
	buf_add(&raw, domain);
	*ret = keep(q, buf_slice(&raw));
	if (ret->p == NULL || buf_finish(&raw) || buf_finish(&standard))
		rc = RC_LIMIT;
	buf_done(&raw);
	buf_done(&standard);
	return rc;
}

static enum rc list_add(const struct address_query *q, struct address_list *l, size_t max,
			struct slice s)
{
	struct slice *v;

	if (l->n >= max)
		return RC_LIMIT;
	if ((l->n & (l->n - 1)) == 0) {		/* 0 or a power of two: full */
		v = arena_alloc(q->arena, (l->n == 0 ? 1 : l->n * 2) * sizeof(*v));
		if (v == NULL)
			return RC_LIMIT;
		if (l->n > 0)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
	}
	l->v[l->n++] = s;
	return RC_OK;
}

/* "a@b, c" as a list; each gets EXT. */
static enum rc parse_results(const struct address_query *q, struct slice value, struct slice ext,
			     size_t max, struct address_list *out)
{
	struct addr_list list;

	addr_parse(value, max + 1, q->arena, &list);
	for (struct addr *a = list.first; a != NULL; a = a->next) {
		struct slice one;
		enum rc rc;

		if (a->kind != ADDR_MAILBOX || a->local.n == 0)
			continue;
		rc = finish_result(q, a->local, a->domain, ext, &one);
		if (rc == RC_OK)
			rc = list_add(q, out, max, one);
		if (rc)
			return rc;
	}
	return list.is_cut ? RC_LIMIT : RC_OK;
}

/* What TABLES map ADDRESS to; RC_END when nothing or an empty list. */
static enum rc map_once(const struct address_query *q, const struct table_list *tables,
			struct slice address, const char *class, struct address_list *out,
			struct err *err)
{
	size_t max = (size_t)q->conf->p.virtual_alias_expansion_limit;
	struct slice none = { 0 }, value, one;
	struct address_hit hit;
	enum rc rc = address_find(q, tables, address, ADDRESS_KEY_MAPPING, &hit, err);

	if (rc)
		return rc;
	*out = (struct address_list){ 0 };
	value = slice_trim_space(hit.value);
	if (value.n > 1 && value.p[0] == '@') {	/* the same user elsewhere */
		rc = finish_result(q, address_local(address), slice_skip(value, 1), none, &one);
		return rc ? rc : list_add(q, out, max, one);
	}
	value = keep(q, value);
	rc = value.p == NULL ? RC_LIMIT
			     : parse_results(q, value, address_propagates(q->conf, class) ? hit.ext
											  : none,
					     max, out);
	if (rc == RC_LIMIT)
		return err_set(err, rc, "unreasonable map expansion size for %.*s",
			       SLICE_ARG(address));
	return out->n > 0 ? rc : RC_END;
}

static const char *role_name(enum address_role role)
{
	static const char *const names[] = {
		[ADDRESS_ENVELOPE_SENDER] = "envelope_sender",
		[ADDRESS_ENVELOPE_RECIPIENT] = "envelope_recipient",
		[ADDRESS_HEADER_SENDER] = "header_sender",
		[ADDRESS_HEADER_RECIPIENT] = "header_recipient",
	};

	return names[role];
}

/* Follow TABLES until an address maps to itself or to nothing. */
static enum rc map_chain(const struct address_query *q, const struct table_list *tables,
			 const struct str_list *classes, enum address_role role,
			 struct slice *address, struct err *err)
{
	if (tables->n == 0 || !address_list_has(classes, role_name(role)))
		return RC_OK;
	for (int i = 0; i < MAX_CHAIN; i++) {
		struct address_list result;
		enum rc rc = map_once(q, tables, *address, "canonical", &result, err);

		if (rc == RC_END)
			return RC_OK;
		if (rc)
			return rc;
		if (slice_ieq(*address, result.v[0]))
			return RC_OK;
		*address = result.v[0];
	}
	return err_set(err, RC_LIMIT, "unreasonable canonical map nesting for %.*s",
		       SLICE_ARG(*address));
}

static bool is_below(struct slice domain, struct slice parent)
{
	return domain.n > parent.n && slice_iends(domain, parent) &&
	       domain.p[domain.n - parent.n - 1] == '.';
}

static enum rc masquerade(const struct address_query *q, enum address_role role,
			  struct slice *address)
{
	const struct address_params *p = &q->conf->p;
	struct slice none = { 0 }, domain = address_domain(*address), local = address_local(*address);

	if (p->masquerade_domains.n == 0 ||
	    !address_list_has(&p->masquerade_classes, role_name(role)))
		return RC_OK;
	for (size_t i = 0; i < p->masquerade_exceptions.n; i++)
		if (slice_iis(local, p->masquerade_exceptions.v[i]))
			return RC_OK;
	for (size_t i = 0; i < p->masquerade_domains.n; i++) {
		struct slice parent = slice_str(p->masquerade_domains.v[i]);
		bool keeps = parent.n > 0 && parent.p[0] == '!';

		parent = slice_skip(parent, keeps);
		if (!is_below(domain, parent) && !slice_ieq(domain, parent))
			continue;
		if (keeps || domain.n == parent.n)
			return RC_OK;
		return finish_result(q, local, parent, none, address);
	}
	return RC_OK;
}

enum rc address_canonical(const struct address_query *q, enum address_role role,
			  struct slice in, struct slice *ret, struct err *err)
{
	const struct address *a = q->conf;
	bool is_sender = role == ADDRESS_ENVELOPE_SENDER || role == ADDRESS_HEADER_SENDER;
	struct slice none = { 0 }, address;
	enum rc rc;

	*ret = none;
	if (in.n == 0)
		return RC_OK;
	rc = finish_result(q, address_local(in), address_domain(in), none, &address);
	if (rc == RC_OK)
		rc = map_chain(q, is_sender ? &a->sender_canonical_maps
					    : &a->recipient_canonical_maps,
			       is_sender ? &a->p.sender_canonical_classes
					 : &a->p.recipient_canonical_classes,
			       role, &address, err);
	if (rc == RC_OK)
		rc = map_chain(q, &a->canonical_maps, &a->p.canonical_classes, role, &address, err);
	if (rc == RC_OK)
		rc = masquerade(q, role, &address);
	if (rc == RC_OK)
		*ret = address;
	return rc;
}

/* Where an expansion stands. */
struct expansion {
	const struct address_query *q;
	struct address_list todo;	/* results, and what may still be an alias */
	struct hash seen;	/* addresses that are aliases for themselves, too */
	struct err *err;
};

static enum rc unreasonable(struct expansion *x, const char *what, struct slice address)
{
	err_dsn(x->err, "4.6.0");
	return err_set(x->err, RC_LIMIT, "unreasonable virtual_alias_maps map %s for %.*s", what,
		       SLICE_ARG(address));
}

/* TO is what FROM, at place I, is an alias for: the first replaces it, the others go to the end. */
static enum rc take_results(struct expansion *x, size_t i, const struct address_list *to)
{
	const struct address_params *p = &x->q->conf->p;
	size_t max = (size_t)p->virtual_alias_expansion_limit;
	struct slice from = x->todo.v[i];

	for (size_t k = 0; k < to->n; k++) {
		if (to->v[k].n > (size_t)p->virtual_alias_address_length_limit)
			return unreasonable(x, "result length", from);
		if (k == 0)
			x->todo.v[i] = to->v[0];
		else if (list_add(x->q, &x->todo, max, to->v[k]))
			return unreasonable(x, "expansion size", from);
		if (slice_ieq(from, to->v[k]) && hash_put(&x->seen, from, x, NULL))
			return unreasonable(x, "expansion size", from);
	}
	return RC_OK;
}

/* Replace todo[I] by what it is an alias for, until it is none. An address may be an alias for
 * itself (and others): then it is final wherever it comes up. */
static enum rc expand_one(struct expansion *x, size_t i)
{
	for (int64_t depth = 0; hash_get(&x->seen, x->todo.v[i]) == NULL; depth++) {
		struct address_list to;
		enum rc rc;

		if (depth >= x->q->conf->p.virtual_alias_recursion_limit)
			return unreasonable(x, "nesting", x->todo.v[i]);
		rc = map_once(x->q, &x->q->conf->virtual_alias_maps, x->todo.v[i], "virtual", &to,
			      x->err);
		if (rc == RC_END)
			return RC_OK;
		if (rc == RC_OK)
			rc = take_results(x, i, &to);
		if (rc)
			return rc;
	}
	return RC_OK;
}

/* Each address once, in order of first appearance. */
static void remove_repeats(struct expansion *x)
{
	size_t n = 0;

	hash_clear(&x->seen);
	for (size_t i = 0; i < x->todo.n; i++) {
		struct slice s = x->todo.v[i];

		if (hash_get(&x->seen, s) != NULL || hash_put(&x->seen, s, x, NULL))
			continue;
		x->todo.v[n++] = s;
	}
	x->todo.n = n;
}

enum rc address_expand(const struct address_query *q, struct slice recipient,
		       struct address_list *out, struct err *err)
{
	struct expansion x = { .q = q, .err = err };
	size_t max = (size_t)q->conf->p.virtual_alias_expansion_limit;
	enum rc rc = list_add(q, &x.todo, max, recipient);

	hash_init(&x.seen, max * 2 + 16, true);
	for (size_t i = 0; rc == RC_OK && i < x.todo.n && q->conf->virtual_alias_maps.n > 0; i++)
		rc = expand_one(&x, i);
	if (rc == RC_OK) {
		remove_repeats(&x);
		*out = x.todo;
	}
	hash_done(&x.seen);
	return rc;
}

enum rc address_lookup(const struct address_query *q, const struct table_list *tables,
		       struct slice address, struct slice *ret, struct err *err)
{
	struct address_hit hit;
	enum rc rc = address_find(q, tables, address, ADDRESS_KEY_MAPPING, &hit, err);

	if (rc == RC_OK) {
		*ret = keep(q, hit.value);
		rc = ret->p != NULL ? RC_OK : err_set(err, RC_LIMIT, "table value too long");
	}
	return rc;
}
