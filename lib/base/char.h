/* lib/base/char.h - ASCII character classes that no locale changes.
 *
 * Pure, inline. Bytes of 0x80 and above belong to no class. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_CHAR_H
#define LIB_BASE_CHAR_H

#include <stdbool.h>

static inline bool char_is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool char_is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool char_is_alpha(char c) { return char_is_lower(c) || char_is_upper(c); }
static inline bool char_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool char_is_alnum(char c) { return char_is_alpha(c) || char_is_digit(c); }
static inline bool char_is_blank(char c) { return c == ' ' || c == '\t'; }
static inline bool char_is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static inline bool char_is_print(char c) { return c >= ' ' && c <= '~'; }
static inline bool char_is_cntrl(char c) { return (unsigned char)c < ' ' || c == 0x7f; }
static inline bool char_is_8bit(char c) { return (unsigned char)c >= 0x80; }
static inline char char_lower(char c) { return char_is_upper(c) ? (char)(c + 32) : c; }
static inline char char_upper(char c) { return char_is_lower(c) ? (char)(c - 32) : c; }

/* 0 to 15, or -1. */
static inline int char_hex(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
