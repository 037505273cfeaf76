/* SPDX-License-Identifier: ISC */
#include "lib/store/store.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/store/backend.h"

enum { LOCK_TIMEOUT_MS = 120000 };

/* Stands for a home, and for the value of a path's first variable, that are not known yet. */
static const char HOME_LATER[] = "/";

/* "maildir:PATH[:KEY=VALUE...]" into a path. INDEX= names a place for files that can always be
 * made again, of which there are none here. */
static enum rc parse_location(const struct store_options *o, struct buf *path, struct err *err)
{
	struct slice rest = slice_str(o->location), part;

	if (!slice_starts(rest, SLICE_LIT("maildir:")))
		return err_set(err, RC_SYNTAX, "mail location \"%s\" is not of type maildir:",
			       o->location);
	rest = slice_skip(rest, 8);
	if (!slice_split(&rest, ':', &part) || part.n == 0)
		return err_set(err, RC_SYNTAX, "mail location \"%s\" has no path", o->location);
	if (part.p[0] == '~' && (part.n == 1 || part.p[1] == '/')) {
		if (o->home == NULL || o->home[0] != '/')
			return err_set(err, RC_SYNTAX, "mail location \"%s\" needs a home directory",
				       o->location);
		buf_adds(path, o->home);
		part = slice_skip(part, 1);
	}
	buf_add(path, part);
	while (slice_split(&rest, ':', &part))
		if (!slice_iis(part, "LAYOUT=Maildir++") &&
		    !slice_istarts(part, SLICE_LIT("INDEX=")))
			return err_set(err, RC_SYNTAX, "mail location: \"%.*s\" is not supported",
				       SLICE_ARG(part));
	if (buf_slice(path).p[0] != '/' && !(o->home == HOME_LATER && buf_slice(path).p[0] == '%'))
		return err_set(err, RC_SYNTAX, "mail location \"%s\" is not an absolute path",
			       o->location);
	return buf_finish(path) == RC_OK && !slice_has_nul(buf_slice(path)) ?
		RC_OK : err_set(err, RC_LIMIT, "mail location is too long");
}

enum rc store_location_check(const char *location, struct err *err)
{
	const struct store_options o = { .location = location, .home = HOME_LATER };
	struct buf path;
	enum rc rc;

	buf_init(&path, PATH_MAX - 1);
	rc = parse_location(&o, &path, err);
	buf_done(&path);
	return rc;
}

static char *own_hostname(const char *given)
{
	char name[HOST_NAME_MAX + 1] = "localhost";

	if (given == NULL) {
		if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0')
			memcpy(name, "localhost", sizeof("localhost"));
		given = name;
	}
	return mem_dup(given, strlen(given));
}

enum rc store_open(const struct store_options *o, struct store **out, struct err *err)
{
	struct buf path;
	struct store *s;
	enum rc rc;

	*out = NULL;
	buf_init(&path, PATH_MAX - 1);
	rc = parse_location(o, &path, err);
	if (rc == RC_OK && o->separator != 0 && o->separator != '.' && o->separator != '/')
		rc = err_set(err, RC_SYNTAX, "the mailbox separator must be \".\" or \"/\"");
	if (rc == RC_OK)
		rc = md_store_open(o, buf_cstr(&path), &s, err);
	buf_done(&path);
	if (rc != RC_OK)
		return rc;
	s->separator = o->separator != 0 ? o->separator : '.';
	s->hostname = own_hostname(o->hostname);
	s->save_crlf = o->save_crlf;
	s->no_fsync = o->no_fsync;
	s->lock_timeout_ms = o->lock_timeout_ms != 0 ? o->lock_timeout_ms : LOCK_TIMEOUT_MS;
	*out = s;
	return RC_OK;
}

void store_free(struct store **s)
{
	if (*s == NULL)
		return;
	free((*s)->hostname);
	(*s)->ops->free(*s);
	*s = NULL;
}

static bool is_inbox(struct slice name)
{
	return slice_iis(name, "INBOX");
}

/* The rules that hold in every back end. */
static enum rc check_parts(const struct store *s, struct slice name, struct err *err)
{
	struct slice rest = name, part;

	if (name.n == 0)
		return err_set(err, RC_SYNTAX, "Invalid mailbox name: Name is empty");
	if (name.n > STORE_NAME_MAX)
		return err_set(err, RC_SYNTAX, "Invalid mailbox name: Name is too long");
	if (name.p[0] == s->separator)
		return err_set(err, RC_SYNTAX,
			       "Invalid mailbox name: Begins with hierarchy separator");
	if (name.p[0] == '~')
		return err_set(err, RC_SYNTAX, "Invalid mailbox name: Begins with '~'");
	for (size_t i = 0; i < name.n; i++)
		if (char_is_cntrl(name.p[i]) || char_is_8bit(name.p[i]))
			return err_set(err, RC_SYNTAX,
				       "Invalid mailbox name: Name is not valid modified UTF-7");
	while (slice_split(&rest, s->separator, &part))
		if (part.n == 0)
			return err_set(err, RC_SYNTAX,
				       "Invalid mailbox name: Has adjacent hierarchy separators");
	return RC_OK;
}

/* NAME as the back ends want it, or RC_SYNTAX. BUF keeps it. */
static enum rc canonical(const struct store *s, const char *name, char buf[STORE_NAME_MAX + 1],
			 struct err *err)
{
	struct slice n = slice_str(name);
	enum rc rc;

	if (n.n > 1 && n.p[n.n - 1] == s->separator)
		n.n--;
	rc = check_parts(s, n, err);
	if (rc != RC_OK)
		return rc;
	if (!slice_to_cstr(n, buf, STORE_NAME_MAX + 1))
		return err_set(err, RC_SYNTAX, "Invalid mailbox name");
	/* INBOX, and as the parent of others, in capitals, however it was written. */
	if (slice_istarts(n, SLICE_LIT("INBOX")) && (n.n == 5 || buf[5] == s->separator))
		for (size_t i = 0; i < 5; i++)
			buf[i] = char_upper(buf[i]);
	return s->ops->name_check(s, buf, err);
}

enum rc store_name_check(const struct store *s, const char *name, struct err *err)
{
	char buf[STORE_NAME_MAX + 1];

	return canonical(s, name, buf, err);
}

bool store_name_is_canonical(const struct store *s, const char *name)
{
	char buf[STORE_NAME_MAX + 1];

	return canonical(s, name, buf, NULL) == RC_OK && strcmp(buf, name) == 0;
}

enum rc store_exists(struct store *s, const char *name, struct err *err)
{
	char buf[STORE_NAME_MAX + 1];
	enum rc rc = canonical(s, name, buf, err);

	return rc == RC_OK ? s->ops->exists(s, buf, err) : rc;
}

enum rc store_create(struct store *s, const char *name, struct err *err)
{
	char buf[STORE_NAME_MAX + 1];
	enum rc rc = canonical(s, name, buf, err);

	return rc == RC_OK ? s->ops->create(s, buf, err) : rc;
}

enum rc store_delete(struct store *s, const char *name, struct err *err)
{
	char buf[STORE_NAME_MAX + 1];
	enum rc rc = canonical(s, name, buf, err);

	if (rc == RC_OK && is_inbox(slice_str(buf)))
		rc = err_set(err, RC_PERM, "INBOX can't be deleted");
	return rc == RC_OK ? s->ops->remove(s, buf, err) : rc;
}

enum rc store_subscribe(struct store *s, const char *name, bool on, struct err *err)
{
	char buf[STORE_NAME_MAX + 1];
	enum rc rc = canonical(s, name, buf, err);

	return rc == RC_OK ? s->ops->subscribe(s, buf, on, err) : rc;
}

enum rc store_lock_session(struct store *s, unsigned timeout_ms, struct err *err)
{
	return s->ops->lock_session(s, timeout_ms, err);
}

void store_keep_session(struct store *s)
{
	s->ops->keep_session(s);
}

enum rc store_box_open(struct store *s, const char *name, unsigned mode, struct store_box **out,
		       struct err *err)
{
	char buf[STORE_NAME_MAX + 1];
	enum rc rc = canonical(s, name, buf, err);

	*out = NULL;
	return rc == RC_OK ? s->ops->box_open(s, buf, mode, out, err) : rc;
}

enum rc store_append_begin(struct store *s, const char *name, struct store_append **out,
			   struct err *err)
{
	char buf[STORE_NAME_MAX + 1];
	enum rc rc = canonical(s, name, buf, err);

	*out = NULL;
	return rc == RC_OK ? s->ops->append_begin(s, buf, out, err) : rc;
}

/* The messages of INBOX into the new mailbox TO: copied, then expunged, so that none is lost
 * when something fails half way. */
static enum rc move_inbox(struct store *s, const char *to, struct err *err)
{
	struct store_append *a = NULL;
	struct store_box *b = NULL;
	struct store_box_info info;
	uint32_t *seqs = NULL;
	enum rc rc = s->ops->create(s, to, err);

	if (rc == RC_OK)
		rc = s->ops->box_open(s, "INBOX", 0, &b, err);
	if (rc == RC_OK)
		rc = s->ops->append_begin(s, to, &a, err);
	if (rc != RC_OK)
		goto out;
	store_box_info(b, &info);
	seqs = mem_new(info.count + 1, sizeof(*seqs));
	for (uint32_t seq = 1; seq <= info.count && rc == RC_OK; seq++) {
		seqs[seq - 1] = seq;
		rc = store_append_copy(a, b, seq, err);
		if (rc == RC_END)	/* another session was faster */
			rc = RC_OK;
	}
	if (rc == RC_OK)
		rc = store_append_commit(&a, NULL, err);
	if (rc == RC_OK)
		rc = store_box_expunge(b, seqs, info.count, err);
out:
	free(seqs);
	store_append_abort(&a);
	store_box_free(&b);
	return rc;
}

/* Is NAME below PARENT in the tree? */
static bool is_below(const struct store *s, const char *name, const char *parent)
{
	size_t n = strlen(parent);

	return strncmp(name, parent, n) == 0 && name[n] == s->separator;
}

/* FROM itself, if it is there, then what lies below it. */
static enum rc rename_tree(struct store *s, const char *from, const char *to, struct err *err)
{
	struct store_names all = { 0 };
	enum rc rc = s->ops->names(s, &all, err);
	bool found = false;

	for (size_t i = 0; rc == RC_OK && i < all.n; i++) {
		char target[2 * STORE_NAME_MAX + 2];

		if (strcmp(all.v[i], from) != 0 && !is_below(s, all.v[i], from))
			continue;
		snprintf(target, sizeof(target), "%s%s", to, all.v[i] + strlen(from));
		found = true;
		rc = store_name_check(s, target, err);
		if (rc == RC_OK)
			rc = s->ops->rename(s, all.v[i], target, err);
	}
	store_names_done(&all);
	if (rc == RC_OK && !found)
		return err_set(err, RC_END, "Mailbox doesn't exist: %s", from);
	return rc;
}

enum rc store_rename(struct store *s, const char *from, const char *to, struct err *err)
{
	char a[STORE_NAME_MAX + 1], b[STORE_NAME_MAX + 1];
	struct err why = { 0 };
	enum rc rc = canonical(s, from, a, err);

	if (rc == RC_OK)
		rc = canonical(s, to, b, err);
	if (rc != RC_OK)
		return rc;
	rc = s->ops->exists(s, b, &why);
	if (rc == RC_OK)
		return err_set(err, RC_PERM, "Target mailbox already exists");
	if (rc != RC_END)
		return err_set(err, rc, "%s", why.text);
	if (is_inbox(slice_str(a)))
		return move_inbox(s, b, err);
	if (is_below(s, b, a))
		return err_set(err, RC_PERM, "Can't rename mailbox under its own child");
	return rename_tree(s, a, b, err);
}

enum rc store_status(struct store *s, const char *name, struct store_status *out,
		     struct err *err)
{
	struct store_box_info info;
	struct store_box *b;
	enum rc rc = store_box_open(s, name, STORE_BOX_READONLY | STORE_BOX_KEEP_RECENT, &b, err);

	if (rc != RC_OK)
		return rc;
	store_box_info(b, &info);
	*out = (struct store_status){ .messages = info.count, .uidnext = info.uidnext,
				      .uidvalidity = info.uidvalidity, .modseq = info.modseq };
	for (uint32_t seq = 1; seq <= info.count; seq++) {
		const struct store_msg *m = store_box_msg(b, seq);

		out->recent += m->recent;
		out->unseen += (m->flags & STORE_SEEN) == 0;
		out->deleted += (m->flags & STORE_DELETED) != 0;
	}
	store_box_free(&b);
	return RC_OK;
}
