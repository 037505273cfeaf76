/* SPDX-License-Identifier: ISC */
#include "lib/address/address.h"

#include <stdlib.h>

#include "lib/address/address_int.h"
#include "lib/base/mem.h"
#include "lib/conf/networks.h"

enum { CONF_ARENA_MAX = 64 << 20 };

static const char *words_joined(struct arena *a, const struct str_list *l)
{
	struct buf b;
	const char *s;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < l->n; i++)
		buf_addf(&b, "%s%s", i > 0 ? " " : "", l->v[i]);
	s = arena_str(a, buf_slice(&b));
	buf_done(&b);
	return s != NULL ? s : "";
}

/* The addresses that this host has, as a list for match_client(). */
static void open_interfaces(struct address *a, const struct conf *c, struct faults *faults)
{
	struct str_list own;
	struct buf b;
	struct err err = { 0 };

	buf_init(&b, 1 << 20);
	networks_of_interfaces("host", words_joined(&a->arena, &a->base.inet_interfaces),
			       words_joined(&a->arena, &a->base.inet_protocols), &b);
	if (param_split_list(buf_slice(&b), &a->arena, &own) ||
	    match_open(&own, MATCH_CLIENTS, 0, &a->interfaces, &err))
		faults_add(faults, true, NULL, 0, NULL, "inet_interfaces: %s", err.text);
	buf_done(&b);
	match_load(c, "proxy_interfaces", &a->base.proxy_interfaces, MATCH_CLIENTS,
		   &a->proxy_interfaces, faults);
}

void address_open(const struct conf *c, struct faults *faults, struct address **out)
{
	struct address *a = mem_new(1, sizeof(*a));
	const struct address_params *p = &a->p;

	arena_init(&a->arena, CONF_ARENA_MAX);
	params_load(address_params_specs, address_params_count, c, &a->arena, &a->p, faults);
	params_load(address_base_params_specs, address_base_params_count, c, &a->arena, &a->base,
		    faults);
	a->myorigin = slice_str(a->base.myorigin);
	a->mydomain = slice_str(a->base.mydomain);
#define X(name) table_list_load(c, #name, &p->name, TABLE_FOLD, &a->name, faults);
	ADDRESS_TABLES(X)
#undef X
	match_load(c, "mydestination", &a->base.mydestination, MATCH_STRINGS, &a->mydestination,
		   faults);
	match_load(c, "virtual_alias_domains", &p->virtual_alias_domains, MATCH_STRINGS,
		   &a->virtual_alias_domains, faults);
	match_load(c, "virtual_mailbox_domains", &p->virtual_mailbox_domains, MATCH_STRINGS,
		   &a->virtual_mailbox_domains, faults);
	match_load(c, "relay_domains", &p->relay_domains, MATCH_DOMAINS, &a->relay_domains,
		   faults);
	open_interfaces(a, c, faults);
	if (!p->append_at_myorigin)
		faults_add(faults, true, "main.cf", 0, "remove append_at_myorigin = no",
			   "append_at_myorigin: cannot be switched off");
	*out = a;
}

void address_close(struct address **ret)
{
	struct address *a = *ret;

	*ret = NULL;
	if (a == NULL)
		return;
#define X(name) table_list_close(&a->name);
	ADDRESS_TABLES(X)
#undef X
	match_close(&a->mydestination);
	match_close(&a->virtual_alias_domains);
	match_close(&a->virtual_mailbox_domains);
	match_close(&a->relay_domains);
	match_close(&a->interfaces);
	match_close(&a->proxy_interfaces);
	arena_done(&a->arena);
	free(a);
}

bool address_has_changed(const struct address *a, int64_t now_ms)
{
#define X(name) table_list_has_changed(&a->name, now_ms) ||
	return ADDRESS_TABLES(X)
#undef X
	       match_has_changed(a->mydestination, now_ms) ||
	       match_has_changed(a->virtual_alias_domains, now_ms) ||
	       match_has_changed(a->virtual_mailbox_domains, now_ms) ||
	       match_has_changed(a->relay_domains, now_ms);
}

bool address_list_has(const struct str_list *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (slice_iis(slice_str(list->v[i]), word))
			return true;
	return false;
}

bool address_propagates(const struct address *a, const char *where)
{
	return address_list_has(&a->p.propagate_unmatched_extensions, where);
}

static bool is_never_split(const struct address *a, struct slice local, char delimiter)
{
	if (slice_iis(local, "mailer-daemon") || slice_iis(local, "double-bounce"))
		return true;
	(void)a;
	return delimiter == '-' && (slice_istarts(local, SLICE_LIT("owner-")) ||
				    slice_iends(local, SLICE_LIT("-request")));
}

struct slice address_split(const struct address *a, struct slice local, struct slice *ret_ext)
{
	const char *set = a->base.recipient_delimiter;
	size_t n = 0;

	/* A delimiter in front separates nothing: there would be no user left. */
	for (n = 1; n < local.n; n++)
		if (local.p[n] != '\0' && strchr(set, local.p[n]) != NULL)
			break;
	if (n >= local.n || is_never_split(a, local, local.p[n]))
		n = local.n;
	if (ret_ext != NULL)
		*ret_ext = slice_skip(local, n);
	return slice_sub(local, 0, n);
}
