/* lib/table/type_userdb.c - userdb: - who auth knows has a mailbox. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/userdb.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/type.h"

/* The lines of a value, in this order. */
enum line { LINE_UID, LINE_GID, LINE_HOME, LINE_MAILBOX };

static enum rc open_userdb(struct table *t, const char *name, struct err *err)
{
	static const char *const names[] = { "uid", "gid", "home" };
	enum line *line = mem_new(1, sizeof(*line));

	t->state = line;
	*line = LINE_MAILBOX;
	if (name[0] == '\0' || name[0] == '/')
		return RC_OK;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*line = (enum line)i;
			return RC_OK;
		}
	}
	return err_set(err, RC_SYNTAX,
		       "table %.100s: write userdb: userdb:/DIR userdb:uid userdb:gid or userdb:home",
		       t->spec);
}

static void close_userdb(struct table *t)
{
	free(t->state);
}

/* The mailbox below the directory that the table names, if it names one. */
static enum rc below_base(const struct table *t, struct slice *path, struct err *err)
{
	struct slice base = slice_str(t->spec + strlen("userdb:"));

	while (slice_ends(base, SLICE_LIT("/")))
		base.n--;
	if (t->spec[strlen("userdb:")] == '\0')
		return RC_OK;
	if (!slice_starts(*path, base) || path->n <= base.n + 1 || path->p[base.n] != '/')
		return err_set(err, RC_PERM, "mailbox %.*s is not below %.*s", SLICE_ARG(*path),
			       SLICE_ARG(base));
	*path = slice_skip(*path, base.n);
	while (slice_starts(*path, SLICE_LIT("/")))
		*path = slice_skip(*path, 1);
	return RC_OK;
}

/* Catch-all keys (@domain) are nobody's name. */
static enum rc lookup_userdb(struct table *t, struct table_memo *m, struct slice key,
			     struct slice *ret, struct err *err)
{
	enum line want = *(enum line *)t->state;
	struct slice value, line = { 0 };
	enum rc rc;

	if (key.n == 0 || key.p[0] == '@' || key.n > 256)
		return RC_END;
	rc = table_ask(t, USERDB_SERVICE, USERDB_TABLE, m, key, &value, err);
	if (rc != RC_OK)
		return rc;
	for (enum line i = LINE_UID; i <= want; i++)
		if (!slice_split(&value, '\n', &line))
			return err_set(err, RC_TEMP, "malformed answer from auth");
	if (want == LINE_MAILBOX && (rc = below_base(t, &line, err)) != RC_OK)
		return rc;
	if (line.n == 0)
		return RC_END;
	*ret = line;
	return RC_OK;
}

const struct table_type table_type_userdb = {
	.name = "userdb", .folds = true, .may_be_nameless = true,
	.open = open_userdb, .lookup = lookup_userdb, .close = close_userdb,
};
