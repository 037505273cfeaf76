/* lib/base/base64.h - base64 of RFC 4648, 4, whole values at once.
 *
 * Pure. Strict: no white space, full padding, unused bits zero; so one value has one form. (Mail
 * bodies, which break lines and may be damaged, have their own decoder in lib/mail.) */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_BASE64_H
#define LIB_BASE_BASE64_H

#include "lib/base/buf.h"
#include "lib/base/slice.h"

/* What a digit of base64 stands for, -1 for any other byte. */
int base64_value(char c);

/* Append the encoding of IN to OUT; what does not fit is cut off and remembered by OUT. */
void base64_encode(struct slice in, struct buf *out);

/* Decode into the SIZE bytes at DST, which may be IN itself. RC_SYNTAX: not base64; RC_LIMIT: does
 * not fit. *RET_N is set on success only; DST is changed in any case. */
enum rc base64_decode(struct slice in, void *dst, size_t size, size_t *ret_n);

#endif
