/* SPDX-License-Identifier: ISC */
#include "auth/name.h"

#include "auth/expand.h"

/* Names become parts of paths by %u, %n and %d. */
static bool is_dots(struct slice part)
{
	return slice_is(part, ".") || slice_is(part, "..");
}

static bool has_bad_part(struct slice name)
{
	ptrdiff_t at = slice_chr(name, '@');

	if (is_dots(name))
		return true;
	return at >= 0 && (is_dots(slice_sub(name, 0, (size_t)at)) ||
			   is_dots(slice_skip(name, (size_t)at + 1)));
}

static enum rc check_chars(const char *allowed, struct slice name, struct err *err)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (char_is_cntrl(c) || c == '/' || (*allowed != '\0' && strchr(allowed, c) == NULL))
			return err_set(err, RC_DENIED,
				       "name holds 0x%02x, which auth_username_chars does not allow",
				       (unsigned char)c);
	}
	if (name.n == 0)
		return err_set(err, RC_DENIED, "name is empty");
	if (has_bad_part(name))
		return err_set(err, RC_DENIED, "a part of the name is . or ..");
	return RC_OK;
}

static enum rc expand_name(const char *format, struct slice user, char out[NAME_MAX_BYTES + 1],
			   struct err *err)
{
	struct expand_vars vars = { .user = user };
	struct buf b;
	enum rc rc;

	buf_init(&b, NAME_MAX_BYTES);
	rc = expand(slice_str(format), &vars, &b, err);
	if (rc == RC_OK && !slice_to_cstr(buf_slice(&b), out, NAME_MAX_BYTES + 1))
		rc = err_set(err, RC_DENIED, "name holds NUL");
	buf_done(&b);
	if (rc == RC_LIMIT)
		return RC_DENIED;
	return rc;
}

enum rc name_canonical(const struct name_rules *rules, struct slice in, char out[NAME_MAX_BYTES + 1],
		       struct err *err)
{
	char full[2 * NAME_MAX_BYTES];
	struct buf b;
	enum rc rc = check_chars(rules->chars, in, err);

	if (rc != RC_OK)
		return rc;
	buf_init(&b, NAME_MAX_BYTES);
	buf_add(&b, in);
	if (rules->default_realm[0] != '\0' && slice_chr(in, '@') < 0) {
		buf_addc(&b, '@');
		buf_adds(&b, rules->default_realm);
	}
	if (buf_finish(&b) != RC_OK || !slice_to_cstr(buf_slice(&b), full, sizeof(full)))
		rc = err_set(err, RC_DENIED, "name is too long");
	buf_done(&b);
	if (rc == RC_OK)
		rc = expand_name(rules->format, slice_str(full), out, err);
	if (rc == RC_OK && (out[0] == '\0' || has_bad_part(slice_str(out))))
		rc = err_set(err, RC_DENIED, "name is not usable");
	return rc;
}

enum rc name_key(const char *format, const char *user, char out[NAME_MAX_BYTES + 1],
		 struct err *err)
{
	return expand_name(format != NULL ? format : "%u", slice_str(user), out, err);
}
