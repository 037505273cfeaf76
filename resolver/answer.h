/* resolver/answer.h - the records of one DNS answer packet, as text that may leave this process.
 *
 * Pure. The packet is libunbound's, but treated as hostile: every offset and length is checked,
 * compression loops end, names must be host names. (RFC 1035, 4.1) */
/* SPDX-License-Identifier: ISC */
#ifndef RESOLVER_ANSWER_H
#define RESOLVER_ANSWER_H

#include "lib/base/slice.h"

enum { DNS_A = 1, DNS_NS = 2, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28,
       DNS_TLSA = 52 };
enum { ANSWER_RECORDS_MAX = 100, ANSWER_DATA_MAX = 4096, DNS_NAME_MAX = 255 };

struct answer_record {
	uint16_t preference;		/* MX */
	uint32_t ttl_s;
	size_t n;
	char data[ANSWER_DATA_MAX];	/* address or name as text; TXT joined; TLSA as bytes */
};

/* Call TAKE for each record of TYPE in the answer section, at most ANSWER_RECORDS_MAX. *RET_RCODE
 * is the packet's. RC_SYNTAX: malformed; records before the fault were handed over. */
enum rc answer_parse(struct slice packet, uint16_t type,
		     void (*take)(void *ctx, const struct answer_record *r), void *ctx,
		     unsigned *ret_rcode, unsigned *ret_count);

/* True for 1 to 255 bytes of letters, digits, '-', '_' and '.' without empty labels; names that
 * fail are not passed on. */
bool answer_is_host_name(struct slice name);

/* "1.2.0.192.in-addr.arpa" of an IPv4 or IPv6 address as text. RC_SYNTAX: not an address. */
enum rc answer_reverse_name(struct slice address, char *out, size_t size);

#endif
