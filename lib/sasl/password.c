/* SPDX-License-Identifier: ISC */
#include "lib/sasl/password.h"

#include <argon2.h>
#include <crypt.h>
#include <stdlib.h>

#include "lib/base/base64.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/sasl/sasl.h"
#include "lib/tls/digest.h"

typedef enum rc verify_fn(const struct password *p, struct slice plain, struct err *err);

enum { WEAK = 1, COSTLY = 2, SALTED = 4 };

struct password_scheme {
	const char *name;
	verify_fn *verify;
	unsigned flags;
	enum password_code code;	/* when no suffix says otherwise */
	enum digest_kind digest;	/* of the digest schemes */
};

static verify_fn verify_plain, verify_digest, verify_crypt, verify_argon2, verify_pbkdf2;

static const struct password_scheme schemes[] = {
	{ "PLAIN", verify_plain, 0, PASSWORD_AS_IS, 0 },
	{ "CLEAR", verify_plain, 0, PASSWORD_AS_IS, 0 },
	{ "CLEARTEXT", verify_plain, 0, PASSWORD_AS_IS, 0 },
	{ "SHA", verify_digest, WEAK, PASSWORD_BASE64, DIGEST_SHA1 },
	{ "SHA1", verify_digest, WEAK, PASSWORD_BASE64, DIGEST_SHA1 },
	{ "SHA256", verify_digest, WEAK, PASSWORD_BASE64, DIGEST_SHA256 },
	{ "SHA512", verify_digest, WEAK, PASSWORD_BASE64, DIGEST_SHA512 },
	{ "SSHA", verify_digest, WEAK | SALTED, PASSWORD_BASE64, DIGEST_SHA1 },
	{ "SSHA256", verify_digest, SALTED, PASSWORD_BASE64, DIGEST_SHA256 },
	{ "SSHA512", verify_digest, SALTED, PASSWORD_BASE64, DIGEST_SHA512 },
	{ "PLAIN-MD5", verify_digest, WEAK, PASSWORD_HEX, DIGEST_MD5 },
	{ "LDAP-MD5", verify_digest, WEAK, PASSWORD_BASE64, DIGEST_MD5 },
	{ "SMD5", verify_digest, WEAK | SALTED, PASSWORD_BASE64, DIGEST_MD5 },
	{ "CRYPT", verify_crypt, COSTLY, PASSWORD_AS_IS, 0 },
	{ "DES-CRYPT", verify_crypt, COSTLY | WEAK, PASSWORD_AS_IS, 0 },
	{ "MD5-CRYPT", verify_crypt, COSTLY | WEAK, PASSWORD_AS_IS, 0 },
	{ "SHA256-CRYPT", verify_crypt, COSTLY, PASSWORD_AS_IS, 0 },
	{ "SHA512-CRYPT", verify_crypt, COSTLY, PASSWORD_AS_IS, 0 },
	{ "BLF-CRYPT", verify_crypt, COSTLY, PASSWORD_AS_IS, 0 },
	{ "ARGON2", verify_argon2, COSTLY, PASSWORD_AS_IS, 0 },
	{ "ARGON2I", verify_argon2, COSTLY, PASSWORD_AS_IS, 0 },
	{ "ARGON2ID", verify_argon2, COSTLY, PASSWORD_AS_IS, 0 },
	{ "PBKDF2", verify_pbkdf2, COSTLY, PASSWORD_AS_IS, DIGEST_SHA1 },
};

static const struct password_scheme *find(struct slice name)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (slice_iis(name, schemes[i].name))
			return &schemes[i];
	return NULL;
}

bool password_scheme_is_known(struct slice name)
{
	return slice_iis(name, "MD5") || find(name) != NULL;
}

/* "MD5" is what LDAP calls LDAP-MD5 and others MD5-CRYPT; base64 has no '$'. */
static const struct password_scheme *scheme_of(struct slice name, struct slice hash)
{
	if (!slice_iis(name, "MD5"))
		return find(name);
	return find(slice_starts(hash, SLICE_LIT("$1$")) ? SLICE_LIT("MD5-CRYPT")
							 : SLICE_LIT("LDAP-MD5"));
}

static bool code_of(struct slice suffix, enum password_code *out)
{
	if (slice_iis(suffix, "B64") || slice_iis(suffix, "BASE64"))
		*out = PASSWORD_BASE64;
	else if (slice_iis(suffix, "HEX"))
		*out = PASSWORD_HEX;
	else
		return false;
	return true;
}

enum rc password_parse(struct slice stored, struct slice default_scheme, struct password *out,
		       struct err *err)
{
	struct slice name = default_scheme, suffix = { 0 };
	struct password p = { .hash = stored };
	ptrdiff_t end;

	if (stored.n > PASSWORD_STORED_MAX || slice_has_nul(stored))
		return err_set(err, RC_LIMIT, "stored password is too long or holds NUL");
	if (stored.n > 0 && stored.p[0] == '{' && (end = slice_chr(stored, '}')) > 0) {
		name = slice_sub(stored, 1, (size_t)end - 1);
		p.hash = slice_skip(stored, (size_t)end + 1);
	}
	if ((end = slice_chr(name, '.')) >= 0) {
		suffix = slice_skip(name, (size_t)end + 1);
		name = slice_sub(name, 0, (size_t)end);
	}
	p.scheme = scheme_of(name, p.hash);
	if (p.scheme == NULL)
		return err_set(err, RC_SYNTAX, "unknown password scheme %.*s",
			       (int)(name.n < PASSWORD_SCHEME_MAX ? name.n : PASSWORD_SCHEME_MAX),
			       name.p);
	p.code = p.scheme->code;
	if (end >= 0 && !code_of(suffix, &p.code))
		return err_set(err, RC_SYNTAX, "unknown suffix of password scheme %s",
			       p.scheme->name);
	/* a digest's length tells hexadecimal from base64 */
	if (p.code == PASSWORD_BASE64 && p.scheme->verify == verify_digest &&
	    (p.scheme->flags & SALTED) == 0 && p.hash.n == 2 * digest_size(p.scheme->digest))
		p.code = PASSWORD_HEX;
	*out = p;
	return RC_OK;
}

bool password_is_costly(const struct password *p)
{
	return (p->scheme->flags & COSTLY) != 0;
}

bool password_is_weak(const struct password *p)
{
	return (p->scheme->flags & WEAK) != 0;
}

const char *password_scheme_name(const struct password *p)
{
	return p->scheme->name;
}

static enum rc hex_decode(struct slice in, unsigned char *dst, size_t size, size_t *ret_n)
{
	if (in.n % 2 != 0 || in.n / 2 > size)
		return RC_SYNTAX;
	for (size_t i = 0; i < in.n; i += 2) {
		int hi = char_hex(in.p[i]), lo = char_hex(in.p[i + 1]);

		if (hi < 0 || lo < 0)
			return RC_SYNTAX;
		dst[i / 2] = (unsigned char)(hi << 4 | lo);
	}
	*ret_n = in.n / 2;
	return RC_OK;
}

static enum rc damaged(const struct password *p, struct err *err)
{
	return err_set(err, RC_SYNTAX, "stored password is not a valid %s hash", p->scheme->name);
}

/* The hash with its coding undone, NUL-terminated, in the SIZE bytes at DST. */
static enum rc decoded(const struct password *p, char *dst, size_t size, struct slice *out,
		       struct err *err)
{
	size_t n = p->hash.n;
	enum rc rc = RC_OK;

	if (p->code == PASSWORD_BASE64)
		rc = base64_decode(p->hash, dst, size - 1, &n);
	else if (p->code == PASSWORD_HEX)
		rc = hex_decode(p->hash, (unsigned char *)dst, size - 1, &n);
	else if (n > size - 1)
		rc = RC_LIMIT;
	else if (n > 0)
		memcpy(dst, p->hash.p, n);
	if (rc != RC_OK)
		return damaged(p, err);
	dst[n] = '\0';
	*out = slice_make(dst, n);
	return RC_OK;
}

static enum rc verdict(bool equal)
{
	return equal ? RC_OK : RC_DENIED;
}

/* Equal lengths are compared over the whole; that lengths differ may be seen. */
static bool same(struct slice a, struct slice b)
{
	return a.n == b.n && mem_equal_secret(a.p, b.p, a.n);
}

static enum rc verify_plain(const struct password *p, struct slice plain, struct err *err)
{
	char mem[PASSWORD_STORED_MAX + 1];
	struct slice hash;
	enum rc rc = decoded(p, mem, sizeof(mem), &hash, err);

	if (rc == RC_OK)
		rc = verdict(hash.n > 0 && same(hash, plain));
	mem_wipe(mem, sizeof(mem));
	return rc;
}

static enum rc verify_digest(const struct password *p, struct slice plain, struct err *err)
{
	size_t size = digest_size(p->scheme->digest);
	bool salted = (p->scheme->flags & SALTED) != 0;
	unsigned char got[DIGEST_MAX_BYTES];
	char mem[PASSWORD_STORED_MAX + 1];
	struct slice hash, parts[2] = { plain };
	enum rc rc = decoded(p, mem, sizeof(mem), &hash, err);

	if (rc != RC_OK)
		return rc;
	if (salted ? hash.n <= size : hash.n != size)
		return damaged(p, err);
	parts[1] = slice_skip(hash, size);
	digest_of(p->scheme->digest, parts, 2, got);
	rc = verdict(mem_equal_secret(got, hash.p, size));
	mem_wipe(got, sizeof(got));
	return rc;
}

/* PLAIN as a C string; false when it cannot be one. */
static bool c_string(struct slice plain, char dst[SASL_PASSWORD_MAX + 1])
{
	return slice_to_cstr(plain, dst, SASL_PASSWORD_MAX + 1);
}

static enum rc verify_crypt(const struct password *p, struct slice plain, struct err *err)
{
	char stored[PASSWORD_STORED_MAX + 1], phrase[SASL_PASSWORD_MAX + 1];
	struct crypt_data *data;
	struct slice hash;
	enum rc rc = decoded(p, stored, sizeof(stored), &hash, err);
	char *got;

	if (rc != RC_OK)
		return rc;
	/* A phrase too long for crypt() has no hash: it is wrong, the stored one not at fault. */
	if (hash.n == 0 || hash.p[0] == '!' || hash.p[0] == '*' || !c_string(plain, phrase) ||
	    plain.n >= CRYPT_MAX_PASSPHRASE_SIZE)
		return RC_DENIED;
	data = mem_new(1, sizeof(*data));
	got = crypt_rn(phrase, stored, data, sizeof(*data));
	rc = got == NULL ? damaged(p, err) : verdict(same(slice_str(got), hash));
	mem_wipe(phrase, sizeof(phrase));
	mem_wipe(data, sizeof(*data));
	free(data);
	return rc;
}

static enum rc verify_argon2(const struct password *p, struct slice plain, struct err *err)
{
	char stored[PASSWORD_STORED_MAX + 1];
	struct slice hash;
	enum rc rc = decoded(p, stored, sizeof(stored), &hash, err);
	bool is_id;
	int got;

	if (rc != RC_OK)
		return rc;
	is_id = slice_starts(hash, SLICE_LIT("$argon2id$"));
	if (!is_id && !slice_starts(hash, SLICE_LIT("$argon2i$")))
		return damaged(p, err);
	got = argon2_verify(stored, plain.p != NULL ? plain.p : "", plain.n,
			    is_id ? Argon2_id : Argon2_i);
	if (got == ARGON2_OK || got == ARGON2_VERIFY_MISMATCH)
		return verdict(got == ARGON2_OK);
	if (got == ARGON2_MEMORY_ALLOCATION_ERROR || got == ARGON2_THREAD_FAIL)
		return err_set(err, RC_TEMP, "%s: %s", p->scheme->name, argon2_error_message(got));
	return damaged(p, err);
}

/* $1$salt$rounds$hex */
static enum rc verify_pbkdf2(const struct password *p, struct slice plain, struct err *err)
{
	unsigned char want[DIGEST_MAX_BYTES], got[DIGEST_MAX_BYTES];
	char stored[PASSWORD_STORED_MAX + 1];
	struct slice hash, empty, version, salt, rounds;
	uint32_t n_rounds;
	size_t n;
	enum rc rc = decoded(p, stored, sizeof(stored), &hash, err);

	if (rc != RC_OK)
		return rc;
	if (!slice_split(&hash, '$', &empty) || empty.n > 0 || !slice_split(&hash, '$', &version) ||
	    !slice_is(version, "1") || !slice_split(&hash, '$', &salt) ||
	    !slice_split(&hash, '$', &rounds) || num_u32(rounds, 10000000, &n_rounds) != RC_OK ||
	    n_rounds == 0 || hex_decode(hash, want, sizeof(want), &n) != RC_OK ||
	    n != digest_size(p->scheme->digest))
		return damaged(p, err);
	digest_pbkdf2(p->scheme->digest, plain, salt, n_rounds, got);
	rc = verdict(mem_equal_secret(got, want, n));
	mem_wipe(got, sizeof(got));
	return rc;
}

enum rc password_verify(const struct password *p, struct slice plain, struct err *err)
{
	if (plain.n > SASL_PASSWORD_MAX || slice_has_nul(plain))
		return RC_DENIED;
	return p->scheme->verify(p, plain, err);
}
