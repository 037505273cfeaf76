/* lib/base/num.h - numbers from and to text, with overflow checked.
 *
 * Pure. Input is a slice that must be used up entirely; no sign, blank or prefix is skipped. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_NUM_H
#define LIB_BASE_NUM_H

#include "lib/base/slice.h"

/* 1*DIGIT up to MAX. RC_SYNTAX: not a number; RC_LIMIT: larger than MAX. */
enum rc num_u64(struct slice s, uint64_t max, uint64_t *out);
enum rc num_u32(struct slice s, uint32_t max, uint32_t *out);
enum rc num_i64(struct slice s, int64_t min, int64_t max, int64_t *out);	/* "-" allowed */
enum rc num_hex(struct slice s, uint64_t max, uint64_t *out);
enum rc num_octal(struct slice s, uint64_t max, uint64_t *out);

#endif
