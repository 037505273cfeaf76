/* SPDX-License-Identifier: ISC */
#include "auth/passwd_file.h"

/* "hash[13]" and "hash[34]" are libpam-pwdfile's ways to say crypt and MD5. They cannot be told
 * from a password in clear by the suffix alone, so only a field without scheme is looked at;
 * crypt is the default scheme, and MD5 hashes tell themselves. */
static struct slice without_type(struct slice password)
{
	if (!slice_starts(password, SLICE_LIT("{")) &&
	    (slice_ends(password, SLICE_LIT("[13]")) || slice_ends(password, SLICE_LIT("[34]"))))
		return slice_sub(password, 0, password.n - 4);
	return password;
}

/* Extra fields may hold colons: they are the rest of the line. */
enum rc passwd_line_parse(struct slice line, struct passwd_entry *out, struct err *err)
{
	struct slice rest = line, gecos, shell;
	struct passwd_entry e = { 0 };

	if (line.n == 0 || line.p[0] == '#' || line.p[0] == ':')
		return RC_END;
	if (line.n > PASSWD_LINE_MAX)
		return err_set(err, RC_LIMIT, "line is longer than %d bytes", PASSWD_LINE_MAX);
	if (slice_has_nul(line))
		return err_set(err, RC_SYNTAX, "line holds a NUL byte");
	(void)slice_split(&rest, ':', &e.user);
	if (slice_split(&rest, ':', &e.password))
		e.password = without_type(e.password);
	if (slice_split(&rest, ':', &e.uid) && slice_split(&rest, ':', &e.gid) &&
	    slice_split(&rest, ':', &gecos) && slice_split(&rest, ':', &e.home) &&
	    slice_split(&rest, ':', &shell))
		e.extra = rest;
	*out = e;
	return RC_OK;
}

bool passwd_extra_next(struct slice *rest, struct slice *ret_name, struct slice *ret_value)
{
	struct slice field;
	ptrdiff_t eq;

	if (!slice_token(rest, " \t", &field))
		return false;
	eq = slice_chr(field, '=');
	*ret_name = eq < 0 ? field : slice_sub(field, 0, (size_t)eq);
	*ret_value = eq < 0 ? (struct slice){ NULL, 0 } : slice_skip(field, (size_t)eq + 1);
	return true;
}
