/* SPDX-License-Identifier: ISC */
#include "resolver/hosts.h"

#include <arpa/inet.h>

#include "resolver/answer.h"

enum rc hosts_canonical(struct slice address, char *out, size_t size)
{
	unsigned char b[16];
	char text[INET6_ADDRSTRLEN];
	int family;

	if (!slice_to_cstr(address, text, sizeof(text)))
		return RC_SYNTAX;
	family = slice_chr(address, ':') >= 0 ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, b) != 1 || inet_ntop(family, b, out, (socklen_t)size) == NULL)
		return RC_SYNTAX;
	return RC_OK;
}

struct host *hosts_parse(struct slice text, struct arena *arena)
{
	struct host *first = NULL, **tail = &first;
	struct slice line, word, address;
	unsigned count = 0;

	while (slice_line(&text, &line)) {
		char canonical[INET6_ADDRSTRLEN];
		bool is_first = true;
		ptrdiff_t hash = slice_chr(line, '#');

		if (hash >= 0)
			line.n = (size_t)hash;
		if (!slice_token(&line, " \t", &word) ||
		    hosts_canonical(word, canonical, sizeof(canonical)) != RC_OK)
			continue;
		address = arena_slice(arena, slice_str(canonical));
		while (slice_token(&line, " \t", &word) && count++ < HOSTS_ENTRIES_MAX) {
			struct host *h = ARENA_NEW(arena, struct host);

			if (h == NULL || !answer_is_host_name(word))
				continue;
			*h = (struct host){ NULL, address, arena_slice(arena, word), is_first };
			is_first = false;
			*tail = h;
			tail = &h->next;
		}
	}
	return first;
}

struct slice hosts_name(const struct host *first, struct slice address)
{
	for (const struct host *h = first; h != NULL; h = h->next)
		if (h->is_first && slice_eq(h->address, address))
			return h->name;
	return (struct slice){ NULL, 0 };
}

const struct host *hosts_find(const struct host *at, struct slice name)
{
	while (at != NULL && !slice_ieq(at->name, name))
		at = at->next;
	return at;
}
