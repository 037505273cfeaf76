/* lib/tls/digest.h - message digests and the key derivation of old password hashes.
 *
 * No I/O. Lives here because only this folder includes OpenSSL's headers. MD5 and SHA1 serve old
 * password hashes and names, nothing that must resist an attacker today. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TLS_DIGEST_H
#define LIB_TLS_DIGEST_H

#include "lib/base/slice.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };

enum { DIGEST_MAX_BYTES = 64 };

size_t digest_size(enum digest_kind kind);

/* Digest of the N_PARTS slices at PARTS one after another; digest_size(KIND) bytes at OUT. */
void digest_of(enum digest_kind kind, const struct slice *parts, size_t n_parts, void *out);

/* PKCS5 PBKDF2 over HMAC-KIND (RFC 8018, 5.2), one block: digest_size(KIND) bytes at OUT. */
void digest_pbkdf2(enum digest_kind kind, struct slice secret, struct slice salt, unsigned rounds,
		   void *out);

#endif
