/* SPDX-License-Identifier: ISC */
#include "cmd/userask.h"

#include <errno.h>

#include "lib/table/userdb.h"

/* ERR says what went wrong with a socket; say what that means to who asks. */
static void explain(struct err *err, enum rc rc)
{
	struct err why = { 0 };

	if (err->sys_errno == EACCES || err->sys_errno == EPERM)
		(void)err_set(&why, rc, "only root and mail_owner may ask about users (%s)",
			      err->text);
	else if (err->sys_errno == ECONNREFUSED || err->sys_errno == ENOENT)
		(void)err_set(&why, rc, "the mail system is down (%s)", err->text);
	else
		return;
	*err = why;
}

/* The socket is master's, in the private directory: who asks needs the right to go there. */
static enum rc ask_now(void *ctx, struct slice table, struct slice key, struct buf *out,
		       struct err *err)
{
	struct buf path;
	enum rc rc;

	(void)table;
	buf_init(&path, 1024);
	rc = conf_expand_name(ctx, SLICE_LIT("queue_directory"), &path, err);
	buf_adds(&path, "/private/" USERDB_SERVICE);
	if (rc == RC_OK)
		rc = userdb_ask_now(buf_cstr(&path), key, out, err);
	if (rc < 0)
		explain(err, rc);
	buf_done(&path);
	return rc;
}

static enum rc ask(void *ctx, struct slice table, struct slice key, void *token, struct err *err)
{
	(void)ctx;
	(void)key;
	(void)token;
	return err_set(err, RC_TEMP, "userdb:%.*s answers at once here", SLICE_ARG(table));
}

void userask_use(const struct conf *c)
{
	const struct table_transport transport = { .ask = ask, .ask_now = ask_now, .ctx = (void *)c };

	table_set_transport(USERDB_SERVICE, &transport);
}
