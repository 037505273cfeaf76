/* lib/mail/enc.h - transfer encodings: base64, quoted-printable, modified UTF-7.
 *
 * Pure. Decoders of bodies are resumable: any cutting of the input gives the same output. They
 * skip what they do not understand, for mail is shown even when it is wrong. Base64 of whole
 * values is in lib/base. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_ENC_H
#define LIB_MAIL_ENC_H

#include "lib/base/buf.h"

enum enc_kind {
	ENC_IDENTITY,	/* 7bit, 8bit, binary, absent, unknown */
	ENC_BASE64,
	ENC_QP
};

/* By a Content-Transfer-Encoding token; ENC_IDENTITY when unknown, as *RET_KNOWN (may be NULL)
 * tells. */
enum enc_kind enc_kind_of(struct slice token, bool *ret_known);

struct enc_decoder {
	enum enc_kind kind;
	uint32_t bits;		/* base64: bits collected */
	uint8_t n_bits;
	uint8_t n_held;		/* QP: bytes of an escape or of trailing blanks held back */
	char held[80];
};

void enc_decoder_init(struct enc_decoder *d, enum enc_kind kind);
void enc_decode(struct enc_decoder *d, struct slice in, struct buf *out);
void enc_decode_finish(struct enc_decoder *d, struct buf *out);

/* Quoted-printable with LF line endings, for text with LF. (RFC 2045, 6.7) */
void enc_qp(struct slice in, struct buf *out);

/* IMAP mailbox names (RFC 3501, 5.1.3). RC_SYNTAX on anything not in canonical form: shifts
 * that encode printable ASCII, needless shifts, open shifts, odd UTF-16, 8-bit, controls. */
enum rc enc_mutf7_decode(struct slice mutf7, struct buf *utf8);
enum rc enc_mutf7_encode(struct slice utf8, struct buf *mutf7);

/* True when S is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool enc_is_utf8(struct slice s);

/* Append S with every byte that is not part of well-formed UTF-8 replaced by U+FFFD. */
void enc_utf8_clean(struct slice s, struct buf *out);

#endif
