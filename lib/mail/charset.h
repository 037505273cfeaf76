/* lib/mail/charset.h - any charset to UTF-8, encoded words, and folding for comparison.
 *
 * Conversion is glibc's iconv. iconv may load a module from the file system the first time a
 * charset is used: a process calls charset_warm() before it confines itself; charsets that
 * cannot be loaded later are treated as unknown (RC_END) and the bytes are taken as they are.
 * Otherwise pure. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_CHARSET_H
#define LIB_MAIL_CHARSET_H

#include "lib/base/buf.h"

struct charset;

/* Load the usual charsets and keep them for the process's life. */
void charset_warm(void);

/* RC_OK, or RC_END when NAME is unknown. UTF-8 and US-ASCII are always known. */
enum rc charset_open(struct slice name, struct charset **ret);
void charset_close(struct charset **c);

/* Resumable; bytes that make no sense become U+FFFD, so the output is always valid UTF-8. (How
 * many of them may depend on the cutting, for shift encodings: iconv's state after an error does.) */
void charset_feed(struct charset *c, struct slice in, struct buf *out);
void charset_finish(struct charset *c, struct buf *out);	/* end of text; C is as new */

/* The whole of IN at once; RC_END: unknown charset, nothing appended. */
enum rc charset_to_utf8(struct slice name, struct slice in, struct buf *out);

/* IN with its encoded words (RFC 2047; RFC 2231 language suffix) as UTF-8, folds removed, white
 * space between adjacent words dropped, words split inside a character joined. Raw 8-bit that is
 * not UTF-8 becomes U+FFFD. Words that cannot be decoded stay as they are. */
void charset_decode_words(struct slice in, struct buf *out);

/* UTF-8 for comparison without regard to case and to composition (in the sense of RFC 5051,
 * i;unicode-casemap). Invalid bytes become U+FFFD. */
void charset_fold(struct slice utf8, struct buf *out);

#endif
