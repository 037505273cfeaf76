/* lib/table/net.h - addresses and networks as cidr tables and mynetworks write them.
 *
 * Pure. "10.0.0.0/8", "192.0.2.1", "[::1]", "[2001:db8::]/32", "2001:db8::/32"; an IPv4 address
 * inside an IPv6 one (::ffff:1.2.3.4) stays IPv6. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TABLE_NET_H
#define LIB_TABLE_NET_H

#include "lib/base/slice.h"

struct net {
	unsigned char addr[16];
	unsigned n_bytes;	/* 4 or 16 */
	unsigned prefix;	/* bits that count */
};

/* RC_SYNTAX: not of that form, or bits behind the prefix are set; ERR says which. */
enum rc net_parse(struct slice s, struct net *out, struct err *err);

/* A plain address, with or without []: a net of full length. */
bool net_parse_address(struct slice s, struct net *out);

bool net_contains(const struct net *net, const struct net *address);

#endif
