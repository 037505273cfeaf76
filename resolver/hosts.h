/* resolver/hosts.h - /etc/hosts: names of addresses and addresses of names.
 *
 * Parsing is pure; entries live in the arena. Asked before DNS. (hosts(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef RESOLVER_HOSTS_H
#define RESOLVER_HOSTS_H

#include "lib/base/arena.h"

enum { HOSTS_ENTRIES_MAX = 10000 };

struct host {
	struct host *next;
	struct slice address;		/* in canonical text form */
	struct slice name;		/* one of the line's names */
	bool is_first;			/* the line's canonical name */
};

/* In file order; lines that cannot be read are skipped. */
struct host *hosts_parse(struct slice text, struct arena *arena);

/* Canonical name of ADDRESS (canonical text), or an empty slice. */
struct slice hosts_name(const struct host *first, struct slice address);

/* Next entry of NAME (case ignored), from AT on; NULL when there is none. */
const struct host *hosts_find(const struct host *at, struct slice name);

/* The canonical text form of ADDRESS: RC_SYNTAX when it is none. */
enum rc hosts_canonical(struct slice address, char *out, size_t size);

#endif
