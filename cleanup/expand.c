/* SPDX-License-Identifier: ISC */
#include "cleanup/expand.h"

#include <stdlib.h>

#include "lib/address/address.h"
#include "lib/base/mem.h"
#include "lib/mail/addr.h"
#include "lib/table/match.h"

#define PARAMS_STRUCT expand_params
#define PARAMS_FILE "cleanup/params.def"
#include "lib/conf/param_struct.h"

struct expander {
	struct address *address;
	struct table_list sender_bcc, recipient_bcc;
	const char *always_bcc;
	size_t duplicate_limit;		/* 0: none */
};

/* One run over one transaction. */
struct run {
	struct expander *x;
	struct txn *t;
	struct address_query q;
	struct queue_rcpt *v;
	size_t n, size;
	struct hash seen;
	struct err *err;
};

struct expander *expander_open(const struct conf *c, struct arena *arena, struct faults *faults)
{
	struct expander *x = mem_new(1, sizeof(*x));
	struct expand_params p;

	params_load(expand_params_specs, expand_params_count, c, arena, &p, faults);
	address_open(c, faults, &x->address);
	table_list_load(c, "sender_bcc_maps", &p.sender_bcc_maps, TABLE_FOLD, &x->sender_bcc,
			faults);
	table_list_load(c, "recipient_bcc_maps", &p.recipient_bcc_maps, TABLE_FOLD,
			&x->recipient_bcc, faults);
	x->always_bcc = p.always_bcc;
	x->duplicate_limit = (size_t)p.duplicate_filter_limit;
	return x;
}

void expander_close(struct expander *x)
{
	if (x == NULL)
		return;
	address_close(&x->address);
	table_list_close(&x->sender_bcc);
	table_list_close(&x->recipient_bcc);
	free(x);
}

bool expander_has_changed(struct expander *x, int64_t now_ms)
{
	return address_has_changed(x->address, now_ms) ||
	       table_list_has_changed(&x->sender_bcc, now_ms) ||
	       table_list_has_changed(&x->recipient_bcc, now_ms);
}

static enum rc too_many(struct run *r)
{
	return err_set(r->err, RC_LIMIT, "too many recipients");
}

/* --- results --- */

/* A recipient is the same when address, original and DSN parameters are: two originals that
 * lead to one address are two deliveries, each with its X-Original-To. */
static bool is_repeat(struct run *r, const struct queue_rcpt *to)
{
	struct buf key;
	bool repeat;

	if (r->x->duplicate_limit > 0 && hash_count(&r->seen) >= r->x->duplicate_limit)
		return false;
	buf_init(&key, 8 * QUEUE_VALUE_MAX);
	buf_add(&key, to->address);
	buf_addc(&key, '\n');
	buf_add(&key, to->original);
	buf_addc(&key, '\n');
	buf_add(&key, to->orcpt);
	buf_addf(&key, "\n%u", to->notify);
	repeat = hash_get(&r->seen, buf_slice(&key)) != NULL ||
		 hash_put(&r->seen, buf_slice(&key), r, NULL) != RC_OK;
	buf_done(&key);
	return repeat;
}

static enum rc add(struct run *r, const struct queue_rcpt *to)
{
	struct queue_rcpt *more;

	if (!queue_value_is_valid(to->address) || to->address.n == 0)
		return err_set(r->err, RC_PERM, "bad recipient address");
	if (is_repeat(r, to))
		return RC_OK;
	if (r->n == QUEUE_RCPTS_MAX)
		return too_many(r);
	if (r->n == r->size) {
		more = arena_alloc(&r->t->work, (r->size == 0 ? 4 : r->size * 2) * sizeof(*more));
		if (more == NULL)
			return too_many(r);
		if (r->n > 0)
			memcpy(more, r->v, r->n * sizeof(*more));
		r->v = more;
		r->size = r->size == 0 ? 4 : r->size * 2;
	}
	r->v[r->n++] = *to;
	return RC_OK;
}

/* --- one recipient --- */

/* Of the members of an alias one inherits the wish to hear of success; the others keep what was
 * said about failure. (RFC 3461, 5.2.7.3, b) */
static unsigned char notify_of_others(unsigned char notify)
{
	if (notify == QUEUE_NOTIFY_SUCCESS)
		return QUEUE_NOTIFY_NEVER;
	return notify & (unsigned char)~QUEUE_NOTIFY_SUCCESS;
}

static bool maps(const struct run *r)
{
	return (r->t->flags & CLEANUP_FLAG_NO_MAPS) == 0;
}

/* ADDRESS (as it is known) through virtual aliases into the list. */
static enum rc put_expanded(struct run *r, struct slice address, const struct wanted *w)
{
	struct queue_rcpt to = { .orcpt = w->orcpt, .notify = w->notify, .mark = QUEUE_MARK_TODO };
	struct slice original = w->original.n > 0 ? w->original : w->address;
	struct address_list list = { .v = &address, .n = 1 };
	enum rc rc = maps(r) ? address_expand(&r->q, address, &list, r->err) : RC_OK;

	if (rc == RC_LIMIT)
		err_dsn(r->err, "4.6.0");
	for (size_t i = 0; i < list.n && rc == RC_OK; i++) {
		to.address = list.v[i];
		to.original = slice_eq(original, to.address) ? (struct slice){ NULL, 0 } : original;
		rc = add(r, &to);
		to.notify = notify_of_others(w->notify);
	}
	return rc;
}

static enum rc standard(struct run *r, enum address_role role, struct slice in, struct slice *out)
{
	struct buf b;

	if (maps(r))
		return address_canonical(&r->q, role, in, out, r->err);
	buf_init(&b, QUEUE_VALUE_MAX);
	address_rewrite(r->x->address, in, &b);
	*out = buf_is_over(&b) ? (struct slice){ NULL, 0 }
			       : arena_slice(&r->t->work, buf_slice(&b));
	buf_done(&b);
	return out->p != NULL ? RC_OK : err_set(r->err, RC_PERM, "address too long");
}

static enum rc put_bcc(struct run *r, struct slice external)
{
	struct wanted w = { .notify = QUEUE_NOTIFY_NEVER };
	struct slice address;
	struct buf b;
	enum rc rc;

	buf_init(&b, QUEUE_VALUE_MAX);
	rc = addr_parse_one(external, &b);
	if (rc == RC_OK)
		w.address = arena_slice(&r->t->work, buf_slice(&b));
	buf_done(&b);
	if (rc != RC_OK || w.address.n == 0)
		return err_set(r->err, RC_TEMP, "bad automatic BCC address: %.*s",
			       SLICE_ARG(external));
	rc = standard(r, ADDRESS_ENVELOPE_RECIPIENT, w.address, &address);
	return rc == RC_OK ? put_expanded(r, address, &w) : rc;
}

static bool wants_bcc(const struct run *r)
{
	return (r->t->flags & CLEANUP_FLAG_NO_BCC) == 0;
}

static enum rc put_mapped_bcc(struct run *r, const struct table_list *tables, struct slice key)
{
	struct slice value;
	enum rc rc;

	if (!wants_bcc(r) || tables->n == 0 || key.n == 0)
		return RC_OK;
	rc = address_lookup(&r->q, tables, key, &value, r->err);
	if (rc == RC_OK)
		return put_bcc(r, value);
	return rc == RC_END ? RC_OK : rc;
}

static enum rc put_wanted(struct run *r, const struct wanted *w)
{
	struct slice address;
	enum rc rc = standard(r, ADDRESS_ENVELOPE_RECIPIENT, w->address, &address);

	if (rc == RC_OK)
		rc = put_expanded(r, address, w);
	if (rc == RC_OK)
		rc = put_mapped_bcc(r, &r->x->recipient_bcc, address);
	return rc;
}

/* --- all of them --- */

static enum rc expand(struct run *r, struct slice *sender)
{
	enum rc rc = standard(r, ADDRESS_ENVELOPE_SENDER, r->t->sender, sender);

	for (const struct wanted *w = r->t->first; w != NULL && rc == RC_OK; w = w->next)
		rc = put_wanted(r, w);
	if (rc == RC_OK)
		rc = put_mapped_bcc(r, &r->x->sender_bcc, *sender);
	if (rc == RC_OK && wants_bcc(r) && r->x->always_bcc[0] != '\0')
		rc = put_bcc(r, slice_str(r->x->always_bcc));
	return rc;
}

enum rc expand_txn(struct expander *x, struct txn *t, struct err *err)
{
	struct run r = { .x = x, .t = t, .err = err };
	struct slice sender;
	enum rc rc;

	arena_reset(&t->work);
	r.q = (struct address_query){ .conf = x->address, .memo = &t->memo, .arena = &t->work };
	hash_init(&r.seen, QUEUE_RCPTS_MAX * 2, false);
	rc = expand(&r, &sender);
	hash_done(&r.seen);
	if (rc != RC_OK)
		return rc;
	t->env.sender = sender;
	t->env.rcpts = r.v;
	t->env.n_rcpts = r.n;
	return RC_OK;
}
