/* Classes of addresses, and where mail for them goes. (Postfix, ADDRESS_CLASS_README) */
/* SPDX-License-Identifier: ISC */
#include "lib/address/address_int.h"

enum { MAX_ROUTING = 20 };	/* "u%d%here%here..." */

enum rc address_is_local(const struct address_query *q, struct slice domain, struct err *err)
{
	const struct address *a = q->conf;
	struct slice none = { 0 }, ip;
	enum rc rc = match_name(a->mydestination, q->memo, domain, err);

	if (rc != RC_END || domain.n < 3 || domain.p[0] != '[' || domain.p[domain.n - 1] != ']')
		return rc;
	ip = slice_sub(domain, 1, domain.n - 2);
	if (slice_istarts(ip, SLICE_LIT("IPv6:")))
		ip = slice_skip(ip, 5);
	rc = match_client(a->interfaces, q->memo, none, ip, err);
	return rc == RC_END ? match_client(a->proxy_interfaces, q->memo, none, ip, err) : rc;
}

static bool has_routing(struct slice local)
{
	return slice_chr(local, '@') >= 0 || slice_chr(local, '%') >= 0 ||
	       slice_chr(local, '!') >= 0;
}

/* The class of DOMAIN by the first list that has it. */
static enum rc find_class(const struct address_query *q, struct slice domain,
			  enum address_class *ret, struct err *err)
{
	const struct address *a = q->conf;
	const struct { const struct match *list; enum address_class class; } lists[] = {
		{ a->virtual_alias_domains, ADDRESS_VIRTUAL_ALIAS },
		{ a->virtual_mailbox_domains, ADDRESS_VIRTUAL_MAILBOX },
		{ a->relay_domains, ADDRESS_RELAY },
	};
	enum rc rc = address_is_local(q, domain, err);

	*ret = ADDRESS_LOCAL;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && rc == RC_END; i++) {
		*ret = lists[i].class;
		rc = match_name(lists[i].list, q->memo, domain, err);
	}
	if (rc == RC_END)
		*ret = ADDRESS_DEFAULT;
	return rc == RC_END ? RC_OK : rc;
}

/* "smtp:[host]:25" in two; without a colon all is transport. */
static void split_transport(struct slice s, struct slice *transport, struct slice *nexthop)
{
	ptrdiff_t colon = slice_chr(s, ':');

	*transport = colon < 0 ? s : slice_sub(s, 0, (size_t)colon);
	*nexthop = colon < 0 ? (struct slice){ NULL, 0 } : slice_skip(s, (size_t)colon + 1);
}

/* A table from sender or @domain, for what depends on the sender. RC_END: use the parameter. */
/* NULL_KEY stands for the null sender. */
static enum rc by_sender(const struct address_query *q, const struct table_list *tables,
			 const char *null_key, struct slice sender, struct slice *ret,
			 struct err *err)
{
	struct address_hit hit;
	enum rc rc;

	if (tables->n == 0)
		return RC_END;
	rc = address_find(q, tables, sender.n > 0 ? sender : slice_str(null_key),
			  sender.n > 0 ? ADDRESS_KEY_NO_EXT | ADDRESS_KEY_AT_DOMAIN : 0, &hit, err);
	if (rc == RC_OK && slice_iis(hit.value, "DUNNO"))
		return RC_END;
	if (rc == RC_OK) {
		*ret = arena_slice(q->arena, slice_trim_space(hit.value));
		rc = ret->p == NULL ? RC_LIMIT : RC_OK;
	}
	return rc;
}

static enum rc default_route(const struct address_query *q, struct slice sender,
			     struct address_route *r, struct err *err)
{
	const struct address_params *p = &q->conf->p;
	struct slice transport = slice_str(p->default_transport);
	enum rc rc = RC_END;

	if (r->class == ADDRESS_RELAY)
		transport = slice_str(p->relay_transport);
	else
		rc = by_sender(q, &q->conf->sender_dependent_default_transport_maps,
			       p->empty_address_default_transport_maps_lookup_key, sender,
			       &transport, err);
	if (rc && rc != RC_END)
		return rc;
	split_transport(transport, &r->transport, &r->nexthop);
	if (r->nexthop.n > 0)
		return RC_OK;
	rc = by_sender(q, &q->conf->sender_dependent_relayhost_maps,
		       p->empty_address_relayhost_maps_lookup_key, sender, &r->nexthop, err);
	if (rc && rc != RC_END)
		return rc;
	if (r->nexthop.n == 0)
		r->nexthop = slice_str(p->relayhost);
	return RC_OK;
}

/* Transport and nexthop by class, before transport_maps. */
static enum rc class_route(const struct address_query *q, struct slice sender,
			   struct slice domain, struct address_route *r, struct err *err)
{
	const struct address_params *p = &q->conf->p;
	enum rc rc = RC_OK;

	switch (r->class) {
	case ADDRESS_LOCAL:
		split_transport(slice_str(p->local_transport), &r->transport, &r->nexthop);
		break;
	case ADDRESS_VIRTUAL_ALIAS:
		r->transport = SLICE_LIT("error");
		r->nexthop = SLICE_LIT("5.1.1 User unknown in virtual alias table");
		break;
	case ADDRESS_VIRTUAL_MAILBOX:
		split_transport(slice_str(p->virtual_transport), &r->transport, &r->nexthop);
		break;
	case ADDRESS_RELAY:
	case ADDRESS_DEFAULT:
		rc = default_route(q, sender, r, err);
		break;
	}
	if (r->nexthop.n == 0)
		r->nexthop = domain;
	return rc;
}

/* transport_maps: ":" leaves everything, "transport:" takes the recipient's domain. */
static enum rc transport_route(const struct address_query *q, struct slice recipient,
			       struct address_route *r, struct err *err)
{
	struct slice value, transport, nexthop;
	struct address_hit hit;
	enum rc rc = address_find(q, &q->conf->transport_maps, recipient,
				  ADDRESS_KEY_NO_EXT | ADDRESS_KEY_DOMAIN, &hit, err);

	if (rc)
		return rc == RC_END ? RC_OK : rc;
	value = arena_slice(q->arena, slice_trim_space(hit.value));
	if (value.p == NULL)
		return RC_LIMIT;
	if (slice_chr(value, ':') < 0)
		return err_set(err, RC_TEMP, "transport table: bad entry \"%.*s\" for %.*s",
			       SLICE_ARG(value), SLICE_ARG(recipient));
	split_transport(value, &transport, &nexthop);
	if (transport.n > 0) {
		r->transport = transport;
		r->nexthop = address_domain(recipient);
	}
	if (nexthop.n > 0)
		r->nexthop = nexthop;
	return RC_OK;
}

static enum rc relocated_route(const struct address_query *q, struct slice recipient,
			       struct address_route *r, struct err *err)
{
	struct address_hit hit;
	enum rc rc = address_find(q, &q->conf->relocated_maps, recipient, ADDRESS_KEY_MAPPING,
				  &hit, err);
	char *text;

	if (rc)
		return rc == RC_END ? RC_OK : rc;
	text = arena_printf(q->arena, "%s%.*s",
			    q->conf->p.relocated_prefix_enable ? "5.1.6 User has moved to " : "",
			    SLICE_ARG(hit.value));
	if (text == NULL)
		return RC_LIMIT;
	r->transport = SLICE_LIT("error");
	r->nexthop = slice_str(text);
	return RC_OK;
}

/* Strip domains that are ours off addresses with routing in the local part: "u%d@here" is u@d.
 * *ADDRESS is in standard form, before and after. */
static enum rc strip_routing(const struct address_query *q, struct slice *address,
			     struct err *err)
{
	for (int i = 0; i < MAX_ROUTING && has_routing(address_local(*address)); i++) {
		struct slice local = address_local(*address);
		struct buf b;
		enum rc rc = address_is_local(q, address_domain(*address), err);

		if (rc)
			return rc == RC_END ? RC_OK : rc;
		buf_init(&b, ADDRESS_MAX * 2);
		address_rewrite(q->conf, local, &b);
		if (slice_ieq(buf_slice(&b), *address)) {
			buf_done(&b);
			return RC_OK;
		}
		*address = arena_slice(q->arena, buf_slice(&b));
		buf_done(&b);
		if (address->p == NULL)
			return RC_LIMIT;
	}
	return RC_OK;
}

static struct slice null_recipient(const struct address_query *q)
{
	struct slice name = slice_str(q->conf->p.empty_address_recipient);
	struct buf b;
	struct slice s;

	buf_init(&b, ADDRESS_MAX * 2);
	address_rewrite(q->conf, name, &b);
	s = arena_slice(q->arena, buf_slice(&b));
	buf_done(&b);
	return s;
}

enum rc address_resolve(const struct address_query *q, struct slice sender,
			struct slice recipient, struct address_route *out, struct err *err)
{
	struct address_route r = { 0 };
	struct slice to = recipient.n > 0 ? recipient : null_recipient(q);
	struct slice domain;
	enum rc rc;

	if (to.p == NULL)
		return RC_LIMIT;
	rc = strip_routing(q, &to, err);
	domain = address_domain(to);
	if (rc == RC_OK)
		rc = find_class(q, domain, &r.class, err);
	if (rc == RC_OK)
		rc = class_route(q, sender, domain, &r, err);
	if (rc == RC_OK && r.class != ADDRESS_VIRTUAL_ALIAS)
		rc = transport_route(q, to, &r, err);
	if (rc == RC_OK)
		rc = relocated_route(q, to, &r, err);
	if (rc)
		return rc;
	r.recipient = to;
	r.is_routed = r.class != ADDRESS_LOCAL && has_routing(address_local(to));
	*out = r;
	return RC_OK;
}

const char *address_table_name(enum address_class class)
{
	static const char *const names[] = {
		[ADDRESS_LOCAL] = "local recipient table",
		[ADDRESS_VIRTUAL_ALIAS] = "virtual alias table",
		[ADDRESS_VIRTUAL_MAILBOX] = "virtual mailbox table",
		[ADDRESS_RELAY] = "relay recipient table",
		[ADDRESS_DEFAULT] = "recipient table",
	};

	return names[class];
}

static enum rc in_tables(const struct address_query *q, const struct table_list *tables,
			 struct slice address, struct err *err)
{
	struct address_hit hit;

	return address_find(q, tables, address, ADDRESS_KEY_MAPPING, &hit, err);
}

/* Each local domain has these two, in a table or not. (RFC 5321, 4.5.1) */
static bool is_always_there(struct slice recipient)
{
	struct slice local = address_local(recipient);

	return slice_iis(local, "postmaster") || slice_iis(local, "mailer-daemon");
}

enum rc address_is_mapped(const struct address_query *q, bool is_sender, struct slice address,
			  struct err *err)
{
	const struct address *a = q->conf;
	const struct table_list *lists[] = { is_sender ? &a->sender_canonical_maps
						       : &a->recipient_canonical_maps,
					     &a->canonical_maps, &a->virtual_alias_maps };
	enum rc rc = RC_END;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && rc == RC_END; i++)
		rc = in_tables(q, lists[i], address, err);
	return rc;
}

enum rc address_is_known(const struct address_query *q, const struct address_route *route,
			 struct err *err)
{
	const struct address *a = q->conf;
	const struct table_list *by_class[] = {
		[ADDRESS_LOCAL] = &a->local_recipient_maps,
		[ADDRESS_VIRTUAL_ALIAS] = NULL,
		[ADDRESS_VIRTUAL_MAILBOX] = &a->virtual_mailbox_maps,
		[ADDRESS_RELAY] = &a->relay_recipient_maps,
		[ADDRESS_DEFAULT] = NULL,
	};
	const struct table_list *tables = by_class[route->class];

	if (route->class == ADDRESS_VIRTUAL_ALIAS)
		return RC_END;
	if (tables == NULL || tables->n == 0 ||
	    (route->class == ADDRESS_LOCAL && is_always_there(route->recipient)))
		return RC_OK;
	return in_tables(q, tables, route->recipient, err);
}
