/* Header fields with addresses: each address in the form it is known by. */
/* SPDX-License-Identifier: ISC */
#include "lib/address/address_int.h"
#include "lib/mail/addr.h"

enum { FIELD_ARENA_MAX = 4 << 20 };

bool address_maps_headers(const struct address *a)
{
	return a->canonical_maps.n > 0 || a->sender_canonical_maps.n > 0 ||
	       a->recipient_canonical_maps.n > 0 || a->p.masquerade_domains.n > 0;
}

/* A in the form it is known by; *CHANGED is set when that differs from what is written. */
static enum rc map_address(const struct address_query *q, enum address_role role,
			   const struct addr *a, struct slice *ret, bool *changed,
			   struct err *err)
{
	struct buf written;
	enum rc rc;

	buf_init(&written, ADDRESS_MAX * 2);
	buf_add(&written, a->local);
	if (a->domain.n > 0) {
		buf_addc(&written, '@');
		buf_add(&written, a->domain);
	}
	rc = buf_is_over(&written) ? RC_LIMIT
				   : address_canonical(q, role, buf_slice(&written), ret, err);
	if (rc == RC_OK && !slice_eq(*ret, buf_slice(&written)))
		*changed = true;
	buf_done(&written);
	return rc;
}

static void print_mapped(const struct addr *a, struct slice address, struct buf *out)
{
	struct addr as = *a;

	as.local = address_local(address);
	as.domain = address_domain(address);
	as.route = (struct slice){ 0 };
	addr_print(&as, out);
}

/* RC_END: there is something in LIST that we do not understand, and so do not touch. */
static enum rc print_list(const struct address_query *q, enum address_role role,
			  const struct addr_list *list, struct buf *out, struct err *err)
{
	bool changed = false, after_item = false;

	for (const struct addr *a = list->first; a != NULL; a = a->next) {
		struct slice address;
		enum rc rc = RC_OK;

		if (a->is_bad)
			return RC_END;
		if (after_item && a->kind != ADDR_GROUP_END)
			buf_adds(out, ",\n\t");
		if (a->kind == ADDR_MAILBOX && a->local.n > 0) {
			rc = map_address(q, role, a, &address, &changed, err);
			if (rc != RC_OK)
				return rc;
			print_mapped(a, address, out);
		} else {
			addr_print(a, out);
		}
		if (a->kind == ADDR_GROUP_START)
			buf_addc(out, ' ');
		after_item = a->kind != ADDR_GROUP_START;
	}
	return changed ? RC_OK : RC_END;
}

enum rc address_field(const struct address_query *q, enum address_role role, struct slice value,
		      struct buf *out, struct err *err)
{
	struct addr_list list = { 0 };
	struct arena arena;
	struct buf text;
	enum rc rc = RC_END;

	arena_init(&arena, FIELD_ARENA_MAX);
	buf_init(&text, buf_room(out));
	addr_parse(value, ADDR_LIST_MAX, &arena, &list);
	if (!list.is_cut)
		rc = print_list(q, role, &list, &text, err);
	if (rc == RC_OK && buf_is_over(&text))
		rc = RC_END;
	if (rc == RC_OK)
		buf_add(out, buf_slice(&text));
	buf_done(&text);
	arena_done(&arena);
	return rc;
}
