/* SPDX-License-Identifier: ISC */
#include "lib/mail/addr.h"
#include "pickup/pickup.h"

enum { FIELD_ARENA_MAX = 1 << 20 };

/* LOCAL[@DOMAIN] of A in standard form, external. True when that differs from what A said. */
static bool standard_form(const struct pickup_policy *policy, const struct addr *a,
			  struct buf *inner, struct buf *outer)
{
	bool changed;

	buf_reset(inner);
	buf_reset(outer);
	buf_add(outer, a->local);
	if (a->domain.n > 0)
		buf_addf(outer, "@%.*s", SLICE_ARG(a->domain));
	address_rewrite(policy->address, buf_slice(outer), inner);
	changed = !slice_eq(buf_slice(inner), buf_slice(outer));
	return changed;
}

static void print_changed(const struct addr *a, struct slice internal, struct buf *out)
{
	struct addr as = *a;

	as.local = address_local(internal);
	as.domain = address_domain(internal);
	as.route = (struct slice){ NULL, 0 };
	addr_print(&as, out);
}

bool rewrite_field(void *ctx, struct slice name, struct slice value, struct buf *out)
{
	const struct pickup_policy *policy = ctx;
	struct addr_list list = { 0 };
	struct arena arena;
	struct buf inner, outer;
	bool changed = false, after_item = false;

	(void)name;
	arena_init(&arena, FIELD_ARENA_MAX);
	buf_init(&inner, 2 * ADDRESS_MAX);
	buf_init(&outer, 2 * ADDRESS_MAX);
	addr_parse(value, ADDR_LIST_MAX, &arena, &list);
	for (const struct addr *a = list.first; a != NULL && !list.is_cut; a = a->next) {
		if (a->is_bad) {	/* what we do not understand we do not touch */
			changed = false;
			break;
		}
		if (after_item && a->kind != ADDR_GROUP_END)
			buf_adds(out, ",\n\t");
		if (a->kind == ADDR_MAILBOX && a->local.n > 0) {
			changed |= standard_form(policy, a, &inner, &outer);
			print_changed(a, buf_slice(&inner), out);
		} else {
			addr_print(a, out);
		}
		if (a->kind == ADDR_GROUP_START)
			buf_addc(out, ' ');
		after_item = a->kind != ADDR_GROUP_START;
	}
	buf_done(&inner);
	buf_done(&outer);
	arena_done(&arena);
	return changed && !list.is_cut && !buf_is_over(out);
}

void make_from(const struct pickup_policy *policy, struct slice sender, struct slice full_name,
	       struct buf *out)
{
	struct addr a = { .kind = ADDR_MAILBOX };
	struct buf inner;

	buf_init(&inner, 2 * ADDRESS_MAX);
	address_rewrite(policy->address, sender.n > 0 ? sender : SLICE_LIT("MAILER-DAEMON"),
			&inner);
	a.local = address_local(buf_slice(&inner));
	a.domain = address_domain(buf_slice(&inner));
	if (full_name.n > 0)
		a.name = full_name;
	addr_print(&a, out);
	buf_done(&inner);
}
