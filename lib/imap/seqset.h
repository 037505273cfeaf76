/* lib/imap/seqset.h - sequence sets: message numbers or UIDs, singly and in ranges.
 *
 * Pure; ranges live in the caller's arena. A set is first parsed, then resolved against the
 * mailbox ("*" gets its meaning, ranges are ordered and merged), then walked or asked. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAP_SEQSET_H
#define LIB_IMAP_SEQSET_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/slice.h"

struct imap_range {
	uint32_t lo, hi;		/* before resolving in any order */
	bool lo_is_star, hi_is_star;	/* before resolving only */
};

struct imap_seqset {
	struct imap_range *ranges;
	size_t n;
};

/* True when S could be meant as a set: a digit or '*' in front. */
bool imap_seqset_looks_like(struct slice s);

/* RC_SYNTAX; RC_LIMIT: arena full. A 0, which no grammar allows but Outlook sends among UIDs, is
 * kept and names nothing. (RFC 3501, 9: sequence-set) */
enum rc imap_seqset_parse(struct slice s, struct arena *a, struct imap_seqset *out);

/* Before resolving: is one of the numbers 0, which no message has? */
bool imap_seqset_has_zero(const struct imap_seqset *set);

/* "*" becomes LARGEST; ranges get ascending, disjoint and not adjacent; 0 is dropped. Twice is
 * harmless. */
void imap_seqset_resolve(struct imap_seqset *set, uint32_t largest);

/* Of a resolved set. O(log n). */
bool imap_seqset_has(const struct imap_seqset *set, uint32_t number);

/* The largest number in a resolved set, 0 when it is empty. */
uint32_t imap_seqset_largest(const struct imap_seqset *set);

/* Append the N numbers in their order as a set, runs of ascending ones as ranges: "3:5,9,7". */
void imap_seqset_print(const uint32_t *numbers, size_t n, struct buf *out);

#endif
