/* cmd/queuetool.c - the way to the queue. */
/* SPDX-License-Identifier: ISC */
#include "cmd/queuetool.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "cmd/tool.h"
#include "lib/base/num.h"
#include "lib/queue/listing.h"
#include "lib/sys/log.h"
#include "lib/table/match.h"

enum { TIMEOUT_MS = 60000, FLUSH_AT = 65536 };

enum rc queuetool_connect(struct queuetool *t, struct conf *conf, struct err *why)
{
	char path[4096];

	*t = (struct queuetool){ .conf = conf, .fd = -1, .lock_fd = -1 };
	t->root = tool_param(conf, "queue_directory");
	for (enum queue_name q = 0; q < QUEUE_N; q++)
		t->spool.fd[q] = -1;
	snprintf(path, sizeof(path), "%s/public/qmgr", t->root);
	if (ipc_sync_connect(path, &t->fd, why) == RC_OK &&
	    ipc_sync_hello(t->fd, &qmgr_proto, TIMEOUT_MS, why) == RC_OK)
		return RC_OK;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	return RC_END;
}

void queuetool_done(struct queuetool *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->lock_fd >= 0)
		close(t->lock_fd);
	queue_spool_close(&t->spool);
	free(t->root);
}

/* --- directories --- */

/* What is made here must belong to the owner of the spool. */
static bool become_owner(const struct queuetool *t, struct err *err)
{
	struct stat st;
	char path[4096];

	snprintf(path, sizeof(path), "%s/active", t->root);
	if (stat(path, &st) != 0)
		return err_sys(err, "%s", path) == RC_OK;
	if (geteuid() == 0 && st.st_uid != 0 &&
	    (setgroups(0, NULL) != 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) != 0 ||
	     setresuid(st.st_uid, st.st_uid, st.st_uid) != 0))
		return err_sys(err, "become the owner of %s", path) == RC_OK;
	if (geteuid() != st.st_uid)
		return err_set(err, RC_DENIED, "only root and the owner of %s may do this", path) ==
		       RC_OK;
	return true;
}

static bool take_lock(struct queuetool *t, struct err *err)
{
	if (queue_lock_open(t->root, "qmgr", &t->lock_fd, err) != RC_OK)
		return false;
	if (flock(t->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return err_set(err, RC_TEMP, "the queue manager is running but does not answer") ==
		       RC_OK;
	return true;
}

bool queuetool_go_direct(struct queuetool *t, bool read_only, struct err *err)
{
	char *names = tool_param(t->conf, "hash_queue_names");
	char *depth = tool_param(t->conf, "hash_queue_depth");
	uint32_t levels;
	bool ok;

	if (num_u32(slice_str(depth), QUEUE_HASH_DEPTH_MAX, &levels) != RC_OK)
		log_fatal("bad value of hash_queue_depth: %s", depth);
	/* The lock file may be root's, so it comes first. */
	ok = (read_only || take_lock(t, err)) && become_owner(t, err) &&
	     queue_spool_open(&t->spool, t->root, QUEUE_ALL, names, levels, err) == RC_OK;
	free(names);
	free(depth);
	return ok;
}

/* --- list --- */

static void write_out(struct mailq *m, size_t at_least)
{
	if (buf_len(m->out) < at_least)
		return;
	fwrite(buf_slice(m->out).p, 1, buf_len(m->out), stdout);
	buf_reset(m->out);
}

static void list_directory(struct queuetool *t, enum queue_name q, struct mailq *m)
{
	struct queue_listing l;
	struct queue_scan scan;
	struct queue_id id;

	if (queue_scan_init(&scan, &t->spool, q, NULL) != RC_OK)
		return;
	queue_listing_init(&l);
	while (queue_scan_next(&scan, &id)) {
		const struct queue_rcpt *to;
		struct slice reason;

		if (!queue_listing_load(&l, &t->spool, q, &id))
			continue;
		mailq_message(m, slice_str(queue_name_str(q)), queue_id_slice(&id),
			      l.env.arrived_us / 1000000, (int64_t)l.env.content_bytes,
			      l.env.sender);
		while (queue_listing_next(&l, &to, &reason)) {
			mailq_rcpt(m, to->address, to->original, reason);
			write_out(m, FLUSH_AT);
		}
	}
	queue_listing_done(&l);
	queue_scan_done(&scan);
}

/* One answer of a list. RC_END at its end. */
static enum rc take_row(struct mailq *m, struct ipc_reader *r, struct err *err)
{
	struct qmgr_message msg;
	struct qmgr_rcpt to;
	struct qmgr_list_end end;

	switch (r->type) {
	case qmgr_message_type:
		if (qmgr_message_get(r, &msg) != RC_OK)
			break;
		mailq_message(m, msg.queue_name, msg.queue_id, msg.arrival_us / 1000000,
			      msg.message_bytes, msg.sender);
		return RC_OK;
	case qmgr_rcpt_type:
		if (qmgr_rcpt_get(r, &to) != RC_OK)
			break;
		mailq_rcpt(m, to.address, to.original, to.reason);
		return RC_OK;
	case qmgr_list_end_type:
		if (qmgr_list_end_get(r, &end) != RC_OK)
			break;
		if (end.error.n > 0)
			return err_set(err, RC_PERM, "%.*s", SLICE_ARG(end.error));
		return RC_END;
	default: break;
	}
	return err_set(err, RC_SYNTAX, "unexpected answer of the queue manager");
}

static enum rc list_by_qmgr(struct queuetool *t, struct mailq *m, struct err *err)
{
	enum rc rc = qmgr_list_sync(t->fd, &(struct qmgr_list){}, err);
	struct ipc_reader r;

	while (rc == RC_OK) {
		rc = ipc_sync_recv(t->fd, &t->inbox, &r, TIMEOUT_MS, err);
		if (rc == RC_END)
			return err_set(err, RC_TEMP, "the queue manager ended");
		if (rc != RC_OK)
			break;
		rc = take_row(m, &r, err);
		ipc_reader_done(&r);
		write_out(m, FLUSH_AT);
	}
	return rc == RC_END ? RC_OK : rc;
}

enum rc queuetool_list(struct queuetool *t, struct mailq *m, struct err *err)
{
	enum rc rc = RC_OK;

	if (t->fd >= 0)
		rc = list_by_qmgr(t, m, err);
	else
		for (int i = 0; i < 5; i++)
			list_directory(t, queue_listing_order[i], m);
	if (rc == RC_OK)
		mailq_end(m);
	write_out(m, 0);
	return rc;
}

/* --- requests --- */

enum rc queuetool_ask(struct queuetool *t, const char *verb, const char *target,
		      const char *queue, uint32_t *ret_count, struct err *err)
{
	struct qmgr_do ask = { .verb = slice_str(verb), .target = slice_str(target),
			       .queue = slice_str(queue) };
	struct qmgr_did did;
	struct ipc_reader r;
	enum rc rc;

	if (ask.target.n > 255)
		return err_set(err, RC_SYNTAX, "too long: %.60s...", target);
	/* A large queue takes its time, and what is begun ends when we do. */
	rc = qmgr_do_sync(t->fd, &ask, err);
	if (rc == RC_OK)
		rc = ipc_sync_recv(t->fd, &t->inbox, &r, -1, err);
	if (rc == RC_END)
		return err_set(err, RC_TEMP, "the queue manager ended");
	if (rc != RC_OK)
		return rc;
	if (r.type != qmgr_did_type || qmgr_did_get(&r, &did) != RC_OK)
		return err_set(err, RC_SYNTAX, "unexpected answer of the queue manager");
	*ret_count = did.count;
	return did.error.n > 0 ? err_set(err, RC_PERM, "%.*s", SLICE_ARG(did.error)) : RC_OK;
}

/* --- who may --- */

void queuetool_check_user(const struct conf *c, const char *name, const char *what)
{
	struct passwd *pw = getpwuid(getuid());
	char number[24], *text;
	struct str_list words;
	struct arena arena;
	struct match *m = NULL;
	struct err err = { 0 };
	enum rc rc;

	if (getuid() == 0)
		return;
	arena_init(&arena, 1 << 20);
	text = tool_param(c, name);
	if (param_split_match(slice_str(text), &arena, &words, &err) != RC_OK ||
	    match_open(&words, MATCH_STRINGS, 0, &m, &err) != RC_OK)
		log_fatal("%s: %s", name, err.text);
	snprintf(number, sizeof(number), "%ld", (long)getuid());
	rc = match_name(m, NULL, slice_str(pw != NULL ? pw->pw_name : number), &err);
	if (rc != RC_OK && rc != RC_END)
		log_fatal("%s: %s", name, err.text);
	if (rc == RC_END) {
		log_at(LOG_LEVEL_FATAL, NULL, "User %s(%s) is not allowed to %s",
		       pw != NULL ? pw->pw_name : "", number, what);
		exit(EX_NOPERM);
	}
	match_close(&m);
	free(text);
	arena_done(&arena);
}
