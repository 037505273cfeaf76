/* lib/table/userdb.c - auth's side of userdb: tables; apart from the type, so that programs which
 * never ask do not link lib/ipc. */
/* SPDX-License-Identifier: ISC */
#include "lib/table/userdb.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/ipc/auth.h"

enum { ANSWER_MS = 30000 };

/* What follows NAME= among the options of a location, or nothing. */
static struct slice option(struct slice options, const char *name)
{
	struct slice o;

	while (slice_split(&options, ':', &o))
		if (slice_starts(o, slice_str(name)))
			return slice_skip(o, strlen(name));
	return (struct slice){ 0 };
}

static enum rc put_mailbox(struct slice location, struct buf *out, struct err *err)
{
	struct slice rest = location, type, path, inbox;
	bool is_maildir;

	if (!slice_split(&rest, ':', &type) || !slice_split(&rest, ':', &path) || path.n == 0 ||
	    path.p[0] != '/' || slice_chr(location, '\n') >= 0)
		return err_set(err, RC_PERM, "no mailbox in mail location %.*s", SLICE_ARG(location));
	is_maildir = slice_is(type, "maildir");
	if (!is_maildir && !slice_is(type, "mbox"))
		return err_set(err, RC_PERM, "unknown kind of mailbox: %.*s", SLICE_ARG(location));
	inbox = option(rest, "INBOX=");
	buf_add(out, inbox.n > 0 ? inbox : path);
	if (is_maildir && !slice_ends(inbox.n > 0 ? inbox : path, SLICE_LIT("/")))
		buf_addc(out, '/');
	if (!is_maildir && inbox.n == 0)
		buf_adds(out, "/inbox");
	return RC_OK;
}

enum rc userdb_value(const struct auth_user_found *m, struct buf *out, struct err *err)
{
	if (slice_chr(m->home, '\n') >= 0)
		return err_set(err, RC_PERM, "home holds a line end");
	buf_addf(out, "%u\n%u\n%.*s\n", m->uid, m->gid, SLICE_ARG(m->home));
	return put_mailbox(m->mail_location, out, err);
}

static enum rc take_answer(struct ipc_reader *r, struct buf *out, struct err *err)
{
	struct auth_user_found found;
	struct auth_user_none none;

	if (r->type == auth_user_found_type && auth_user_found_get(r, &found) == RC_OK)
		return userdb_value(&found, out, err);
	if (r->type != auth_user_none_type || auth_user_none_get(r, &none) != RC_OK)
		return err_set(err, RC_TEMP, "malformed answer from auth");
	return none.temporary ? err_set(err, RC_TEMP, "%.*s", SLICE_ARG(none.reason)) : RC_END;
}

enum rc userdb_ask_now(const char *path, struct slice user, struct buf *out, struct err *err)
{
	struct ipc_inbox *box;
	struct ipc_reader r;
	int fd;
	enum rc rc = ipc_sync_connect(path, &fd, err);

	if (rc != RC_OK)
		return rc;
	box = mem_new(1, sizeof(*box));
	rc = ipc_sync_hello(fd, &auth_proto, ANSWER_MS, err);
	if (rc == RC_OK)
		rc = auth_user_sync(fd, &(struct auth_user){ .id = 1, .user = user }, err);
	if (rc == RC_OK)
		rc = ipc_sync_recv(fd, box, &r, ANSWER_MS, err);
	if (rc == RC_OK) {
		rc = take_answer(&r, out, err);
		ipc_reader_done(&r);
	} else if (rc == RC_END) {
		rc = err_set(err, RC_TEMP, "auth closed the connection");
	}
	free(box);
	close(fd);
	return rc;
}
