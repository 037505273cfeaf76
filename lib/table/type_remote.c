/* lib/table/type_remote.c - proxy: and unix: - tables that proxymap reads for us.
 *
 * A program without a way to proxymap (a tool, proxymap itself) reads them directly. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/type.h"

enum { ENTRY_MAX = 1 << 18 };

static const char service[] = "proxymap";

/* Keys are folded where the table is read: it may be one of patterns. */
static enum rc open_proxy(struct table *t, const char *name, struct err *err)
{
	struct table *direct = NULL;
	enum rc rc;

	t->is_pattern = table_type_is_pattern(name);
	if (table_has_transport(service))
		return RC_OK;
	if (strncmp(name, "proxy:", 6) == 0)
		return err_set(err, RC_SYNTAX, "table %.100s: proxy: of proxy:", t->spec);
	rc = table_open(name, "hash", t->flags, &direct, err);
	if (rc == RC_OK)
		t->state = direct;
	return rc;
}

static enum rc lookup_proxy(struct table *t, struct table_memo *m, struct slice key,
			    struct slice *ret, struct err *err)
{
	if (t->state != NULL)
		return table_lookup(t->state, m, key, ret, err);
	return table_ask(t, service, t->spec + strlen("proxy:"), m, key, ret, err);
}

static void close_proxy(struct table *t)
{
	struct table *direct = t->state;

	table_close(&direct);
}

static enum rc next_in_proxy(struct table *t, size_t *pos, struct slice *ret_key,
			     struct slice *ret_value, struct err *err)
{
	if (t->state == NULL)
		return err_set(err, RC_PERM, "table %s does not support sequence operation",
			       t->spec);
	return table_next(t->state, pos, ret_key, ret_value, err);
}

const struct table_type table_type_proxy = {
	.name = "proxy", .open = open_proxy, .lookup = lookup_proxy,
	.close = close_proxy, .next = next_in_proxy,
};

static enum rc open_unix(struct table *t, const char *name, struct err *err)
{
	if (strcmp(name, "passwd.byname") != 0 && strcmp(name, "group.byname") != 0)
		return err_set(err, RC_SYNTAX,
			       "table %.100s: write unix:passwd.byname or unix:group.byname",
			       t->spec);
	return RC_OK;
}

static enum rc find_user(struct table *t, const char *name, struct err *err)
{
	char *mem = mem_new(1, ENTRY_MAX);
	struct passwd pw, *found = NULL;
	int code = getpwnam_r(name, &pw, mem, ENTRY_MAX, &found);

	if (found != NULL)
		buf_addf(&t->result, "%s:%s:%ld:%ld:%s:%s:%s", pw.pw_name, pw.pw_passwd,
			 (long)pw.pw_uid, (long)pw.pw_gid, pw.pw_gecos, pw.pw_dir, pw.pw_shell);
	free(mem);
	if (found != NULL)
		return RC_OK;
	if (code == 0 || code == ENOENT || code == ESRCH)
		return RC_END;
	return err_set(err, RC_TEMP, "the password database fails: %s", strerror(code));
}

static enum rc find_group(struct table *t, const char *name, struct err *err)
{
	char *mem = mem_new(1, ENTRY_MAX);
	struct group gr, *found = NULL;
	int code = getgrnam_r(name, &gr, mem, ENTRY_MAX, &found);

	if (found != NULL) {
		buf_addf(&t->result, "%s:%s:%ld:", gr.gr_name, gr.gr_passwd, (long)gr.gr_gid);
		for (char **p = gr.gr_mem; *p != NULL; p++)
			buf_addf(&t->result, "%s%s", p == gr.gr_mem ? "" : ",", *p);
	}
	free(mem);
	if (found != NULL)
		return RC_OK;
	if (code == 0 || code == ENOENT || code == ESRCH)
		return RC_END;
	return err_set(err, RC_TEMP, "the group database fails: %s", strerror(code));
}

static enum rc lookup_unix(struct table *t, struct table_memo *m, struct slice key,
			   struct slice *ret, struct err *err)
{
	char name[256];
	enum rc rc;

	if (table_has_transport(service))
		return table_ask(t, service, t->spec, m, key, ret, err);
	if (!slice_to_cstr(key, name, sizeof(name)) || strchr(name, ':') != NULL)
		return RC_END;
	buf_reset(&t->result);
	if (strcmp(t->spec, "unix:passwd.byname") == 0)
		rc = find_user(t, name, err);
	else
		rc = find_group(t, name, err);
	if (rc == RC_OK)
		*ret = buf_slice(&t->result);
	return rc;
}

const struct table_type table_type_unix = {
	.name = "unix", .folds = true, .open = open_unix, .lookup = lookup_unix,
};
