/* SPDX-License-Identifier: ISC */
#include "lib/tls/digest.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

static const EVP_MD *md_of(enum digest_kind kind)
{
	switch (kind) {
	case DIGEST_MD5: return EVP_md5();
	case DIGEST_SHA1: return EVP_sha1();
	case DIGEST_SHA256: return EVP_sha256();
	case DIGEST_SHA512: return EVP_sha512();
	}
	abort();
}

size_t digest_size(enum digest_kind kind)
{
	return (size_t)EVP_MD_get_size(md_of(kind));
}

/* Fails for want of memory, or where the system's policy has taken the algorithm away; no caller
 * can do anything about either. */
static void must(int ok, const char *what)
{
	if (ok == 1)
		return;
	fprintf(stderr, "fatal: OpenSSL refuses %s\n", what);
	abort();
}

void digest_of(enum digest_kind kind, const struct slice *parts, size_t n_parts, void *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx != NULL, "a digest context");
	must(EVP_DigestInit_ex(ctx, md_of(kind), NULL), "a digest");
	for (size_t i = 0; i < n_parts; i++)
		if (parts[i].n > 0)
			must(EVP_DigestUpdate(ctx, parts[i].p, parts[i].n), "a digest's input");
	must(EVP_DigestFinal_ex(ctx, out, NULL), "a digest's result");
	EVP_MD_CTX_free(ctx);
}

void digest_pbkdf2(enum digest_kind kind, struct slice secret, struct slice salt, unsigned rounds,
		   void *out)
{
	must(PKCS5_PBKDF2_HMAC(secret.p, (int)secret.n, (const unsigned char *)salt.p, (int)salt.n,
			       (int)rounds, md_of(kind), (int)digest_size(kind), out),
	     "PBKDF2");
}
