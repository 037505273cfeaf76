/* SPDX-License-Identifier: ISC */
#include "auth/user.h"

#include <stdio.h>

void user_init(struct user_record *u, const char *name)
{
	*u = (struct user_record){ 0 };
	snprintf(u->name, sizeof(u->name), "%s", name);
	buf_init(&u->extra, USER_EXTRA_MAX);
}

void user_done(struct user_record *u)
{
	buf_done(&u->extra);
}

/* Sub-slice search for a field that is set already. */
static bool has_extra(const struct user_record *u, struct slice name)
{
	struct slice rest = buf_slice(&u->extra), field;

	while (slice_split(&rest, '\0', &field))
		if (slice_starts(field, name) && field.n > name.n && field.p[name.n] == '=')
			return true;
	return false;
}

static enum rc add_extra(struct user_record *u, struct slice name, struct slice value,
			 struct err *err)
{
	if (has_extra(u, name))
		return RC_OK;
	if (buf_len(&u->extra) + 1 + name.n + 1 + value.n > USER_EXTRA_MAX)
		return err_set(err, RC_LIMIT, "too many extra fields");
	if (buf_len(&u->extra) > 0)
		buf_addc(&u->extra, '\0');
	buf_add(&u->extra, name);
	buf_addc(&u->extra, '=');
	buf_add(&u->extra, value);
	return RC_OK;
}

static enum rc set_path(char path[USER_PATH_MAX + 1], struct slice value, struct err *err)
{
	if (path[0] == '\0' && !slice_to_cstr(value, path, USER_PATH_MAX + 1))
		return err_set(err, RC_LIMIT, "longer than %d bytes", USER_PATH_MAX);
	return RC_OK;
}

static enum rc set_expanded(struct user_record *u, struct slice name, struct slice value,
			    struct ids *ids, struct err *err)
{
	if (slice_is(name, "uid")) {
		if (!u->has_uid && ids_uid(ids, value, &u->uid) != RC_OK)
			return err_set(err, RC_SYNTAX, "no such user: \"%.*s\"", SLICE_ARG(value));
		u->has_uid = true;
		return RC_OK;
	}
	if (slice_is(name, "gid")) {
		if (!u->has_gid && ids_gid(ids, value, &u->gid) != RC_OK)
			return err_set(err, RC_SYNTAX, "no such group: \"%.*s\"", SLICE_ARG(value));
		u->has_gid = true;
		return RC_OK;
	}
	if (slice_is(name, "home"))
		return set_path(u->home, value, err);
	if (slice_is(name, "mail"))
		return set_path(u->mail, value, err);
	return add_extra(u, name, value, err);
}

enum rc user_set(struct user_record *u, struct slice name, struct slice value, struct ids *ids,
		 const struct expand_vars *vars, struct err *err)
{
	struct expand_vars with_home = *vars;
	struct buf b;
	enum rc rc;

	if (value.n == 0 && (slice_is(name, "uid") || slice_is(name, "gid") ||
			     slice_is(name, "home") || slice_is(name, "mail")))
		return RC_OK;
	if (u->home[0] != '\0')
		with_home.home = slice_str(u->home);
	buf_init(&b, USER_PATH_MAX);
	/* a location keeps its variables until home is known */
	if (slice_is(name, "mail")) {
		buf_add(&b, value);
		rc = buf_finish(&b);
	} else {
		rc = expand(value, &with_home, &b, err);
	}
	if (rc == RC_OK)
		rc = set_expanded(u, name, buf_slice(&b), ids, err);
	buf_done(&b);
	if (rc != RC_OK)
		err_context(err, "%.*s", SLICE_ARG(name));
	return rc;
}

/* "maildir:~/Maildir:INBOX=~/in": a ~ stands for home where a path begins. */
static enum rc put_homes(struct slice location, const char *home, struct buf *out, struct err *err)
{
	char before = ':';

	for (size_t i = 0; i < location.n; i++) {
		char c = location.p[i];
		char next = i + 1 < location.n ? location.p[i + 1] : ':';

		if (c == '~' && (before == ':' || before == '=') && (next == '/' || next == ':')) {
			if (home[0] == '\0')
				return err_set(err, RC_PERM, "~ in it, but the user has no home");
			buf_adds(out, home);
		} else {
			buf_addc(out, c);
		}
		before = c;
	}
	return buf_finish(out);
}

static bool is_mailbox(struct slice location)
{
	return slice_starts(location, SLICE_LIT("maildir:/")) ||
	       slice_starts(location, SLICE_LIT("mbox:/"));
}

static enum rc set_mail(struct user_record *u, const char *location, const struct expand_vars *vars,
			struct err *err)
{
	const bool is_own = u->mail[0] != '\0';
	struct buf expanded, b;
	enum rc rc;

	buf_init(&expanded, USER_PATH_MAX);
	buf_init(&b, USER_PATH_MAX);
	rc = expand(slice_str(is_own ? u->mail : location), vars, &expanded, err);
	if (rc == RC_OK)
		rc = put_homes(buf_slice(&expanded), u->home, &b, err);
	if (rc == RC_OK && !slice_to_cstr(buf_slice(&b), u->mail, sizeof(u->mail)))
		rc = err_set(err, RC_LIMIT, "too long");
	if (rc == RC_OK && !is_mailbox(slice_str(u->mail)))
		rc = err_set(err, RC_PERM, "neither maildir:/PATH nor mbox:/PATH: %s", u->mail);
	buf_done(&expanded);
	buf_done(&b);
	if (rc == RC_OK)
		return RC_OK;
	err_context(err, is_own ? "mail" : "mail_location");
	return RC_PERM;
}

enum rc user_finish(struct user_record *u, const char *mail_location, uid_t first_valid_uid,
		    const struct expand_vars *vars, struct err *err)
{
	struct expand_vars full = *vars;
	char uid[16], gid[16];

	if (!u->has_uid || !u->has_gid)
		return err_set(err, RC_PERM, "the user database gives no %s",
			       u->has_uid ? "gid" : "uid");
	if (u->uid < first_valid_uid || u->uid == 0)
		return err_set(err, RC_PERM, "uid %u is below first_valid_uid (%u)",
			       (unsigned)u->uid, (unsigned)first_valid_uid);
	if (u->home[0] != '\0' && u->home[0] != '/')
		return err_set(err, RC_PERM, "home is not an absolute path: %s", u->home);
	snprintf(uid, sizeof(uid), "%u", (unsigned)u->uid);
	snprintf(gid, sizeof(gid), "%u", (unsigned)u->gid);
	full.uid = slice_str(uid);
	full.gid = slice_str(gid);
	full.home = u->home[0] != '\0' ? slice_str(u->home) : (struct slice){ 0 };
	return set_mail(u, mail_location, &full, err);
}
