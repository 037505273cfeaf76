/* SPDX-License-Identifier: ISC */
#include "local/broker.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/daemon/broker.h"
#include "lib/ipc/localbroker.h"
#include "lib/sys/log.h"
#include "local/worker.h"

enum { PASSWD_MAX = 1 << 18 };

struct broker {
	struct daemon *daemon;
	const struct config *config;
	struct ipc_chan chan;
	struct worker_setup writes, commands;
};

struct user {
	struct passwd pw;
	char *mem;
};

static void user_free(struct user *u)
{
	free(u->mem);
	u->mem = NULL;
}

/* RC_OK: release with user_free(); RC_END: there is no such user; RC_TEMP. */
static enum rc user_find(struct slice name, struct user *u, struct err *err)
{
	struct passwd *found = NULL;
	char n[257];
	int code;

	if (!slice_to_cstr(name, n, sizeof(n)) || n[0] == '\0')
		return RC_END;
	u->mem = mem_new(1, PASSWD_MAX);
	code = getpwnam_r(n, &u->pw, u->mem, PASSWD_MAX, &found);
	if (found != NULL)
		return RC_OK;
	user_free(u);
	if (code == 0 || code == ENOENT || code == ESRCH)
		return RC_END;
	return err_set(err, RC_TEMP, "user lookup error for %s: %s", n, strerror(code));
}

/* The owner of the file that PATH leads to; root's files have none. */
static enum rc owner_find(struct slice path, struct user *u, struct err *err)
{
	struct passwd *found = NULL;
	char p[4097];
	struct stat st;
	int code;

	if (!slice_to_cstr(path, p, sizeof(p)) || p[0] != '/' || stat(p, &st) != 0 ||
	    st.st_uid == 0)
		return RC_END;
	u->mem = mem_new(1, PASSWD_MAX);
	code = getpwuid_r(st.st_uid, &u->pw, u->mem, PASSWD_MAX, &found);
	if (found != NULL)
		return RC_OK;
	user_free(u);
	if (code == 0 || code == ENOENT || code == ESRCH)
		return RC_END;
	return err_set(err, RC_TEMP, "user lookup error for the owner of %s: %s", p,
		       strerror(code));
}

static void tell_user(struct ipc_chan *chan, uint32_t id, enum rc rc, struct user *u,
		      const struct err *err)
{
	if (rc != RC_OK) {
		broker_user_none_send(chan, &(struct broker_user_none){
			.id = id, .temporary = rc != RC_END,
			.reason = slice_sub(slice_str(err->text), 0, 256) });
		return;
	}
	broker_user_found_send(chan, &(struct broker_user_found){
		.id = id, .uid = u->pw.pw_uid, .gid = u->pw.pw_gid,
		.name = slice_sub(slice_str(u->pw.pw_name), 0, 256),
		.home = slice_sub(slice_str(u->pw.pw_dir), 0, 1024),
		.shell = slice_sub(slice_str(u->pw.pw_shell), 0, 1024) });
	user_free(u);
}

static enum rc take_user(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct err err = { 0 };
	struct broker_user m;
	struct user u;
	enum rc rc;

	if (broker_user_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	rc = user_find(m.name, &u, &err);
	tell_user(chan, m.id, rc, &u, &err);
	return RC_OK;
}

static enum rc take_owner(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct err err = { 0 };
	struct broker_owner m;
	struct user u;
	enum rc rc;

	if (broker_owner_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	rc = owner_find(m.path, &u, &err);
	tell_user(chan, m.id, rc, &u, &err);
	return RC_OK;
}

/* --- workers --- */

/* What a worker becomes and may reach; strings live until the fork. */
struct place {
	uid_t uid;
	gid_t gid;
	const char *user;		/* NULL: no further groups */
	const char *paths[3];
};

/* The spool belongs to root or a group: the user writes there with that group, if the group may,
 * or as itself, if all may. A spool that only root may write to is good for root's mailbox only. */
static enum rc spool_group(const char *spool, struct place *p, struct err *err)
{
	struct stat st;

	if (stat(spool, &st) != 0)
		return err_sys(err, "mail_spool_directory %s", spool);
	if ((st.st_mode & S_IWOTH) != 0)
		return RC_OK;
	if ((st.st_mode & S_IWGRP) == 0)
		return err_set(err, RC_TEMP, "mail_spool_directory %s: neither its group nor all "
			       "may write there", spool);
	p->gid = st.st_gid;
	return RC_OK;
}

static enum rc place_of_user(const struct broker *b, const struct broker_worker *m,
			     const struct user *u, const char *dir, struct place *p,
			     struct err *err)
{
	p->uid = u->pw.pw_uid;
	p->gid = u->pw.pw_gid;
	p->user = m->kind == WORKER_COMMAND ? NULL : u->pw.pw_name;
	switch (m->kind) {
	case WORKER_HOME:
		p->paths[0] = u->pw.pw_dir;
		return RC_OK;
	case WORKER_SPOOL:
		p->paths[0] = b->config->p.mail_spool_directory;
		return b->config->is_rootless ? RC_OK : spool_group(p->paths[0], p, err);
	case WORKER_FILE:
		p->paths[0] = dir;
		return RC_OK;
	case WORKER_COMMAND:
		return RC_OK;
	default:
		return err_set(err, RC_PERM, "worker of kind %u", m->kind);
	}
}

static bool is_below(const char *dir, const char *base)
{
	size_t n = strlen(base);

	while (n > 1 && base[n - 1] == '/')
		n--;
	if (strncmp(dir, base, n) != 0 || (n > 1 && dir[n] != '\0' && dir[n] != '/'))
		return false;
	while ((dir = strstr(dir, "/..")) != NULL) {
		dir += 3;
		if (*dir == '\0' || *dir == '/')
			return false;
	}
	return true;
}

static enum rc place_of_virtual(const struct broker *b, const struct broker_worker *m,
				const char *dir, struct place *p, struct err *err)
{
	const struct local_params *c = &b->config->p;

	if (!b->config->is_rootless && (int64_t)m->uid < c->virtual_minimum_uid)
		return err_set(err, RC_DENIED, "uid %u is below virtual_minimum_uid", m->uid);
	if (!b->config->is_rootless && m->gid == 0)
		return err_set(err, RC_DENIED, "gid 0 is not for virtual mailboxes");
	if (c->virtual_mailbox_base[0] != '\0' && !is_below(dir, c->virtual_mailbox_base))
		return err_set(err, RC_DENIED, "%s is not below virtual_mailbox_base", dir);
	p->uid = m->uid;
	p->gid = m->gid;
	p->paths[0] = dir;
	return RC_OK;
}

static enum rc find_place(const struct broker *b, const struct broker_worker *m, struct user *u,
			  const char *dir, struct place *p, struct err *err)
{
	enum rc rc;

	if (b->config->is_virtual != (m->kind == WORKER_VIRTUAL))
		return err_set(err, RC_PERM, "worker of kind %u is not for %s", m->kind,
			       b->config->service);
	if (m->kind == WORKER_VIRTUAL) {
		rc = place_of_virtual(b, m, dir, p, err);
	} else {
		rc = user_find(m->user, u, err);
		if (rc == RC_END)
			return err_set(err, RC_TEMP, "user %.*s is gone", SLICE_ARG(m->user));
		if (rc == RC_OK)
			rc = place_of_user(b, m, u, dir, p, err);
	}
	if (rc == RC_OK && b->config->is_rootless && p->uid != geteuid())
		return err_set(err, RC_DENIED, "cannot deliver as user id %u: the mail system was "
			       "not started by root and runs as user id %u", (unsigned)p->uid,
			       (unsigned)geteuid());
	return rc;
}

/* Fork the worker; *RET_FD is the front's end of its channel. */
static enum rc make_worker(struct broker *b, const struct broker_worker *m, const struct place *p,
			   int *ret_fd, struct err *err)
{
	bool runs_commands = m->kind == WORKER_COMMAND;
	struct job_spec spec = {
		.uid = p->uid, .gid = p->gid, .user = p->user,
		.role = runs_commands ? "local-command" :
			m->kind == WORKER_SPOOL && p->uid == 0 ? "local-root" : "local-worker",
		.paths = runs_commands ? NULL : p->paths,
		.makes_paths = m->makes_dir &&
			       (m->kind == WORKER_FILE || m->kind == WORKER_VIRTUAL),
		.n_fds = 1, .run = worker_run,
		.arg = runs_commands ? &b->commands : &b->writes,
	};
	int fds[2];
	enum rc rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return err_sys(err, "socketpair");
	spec.fds = &fds[1];
	rc = broker_run(b->daemon, &spec, NULL, err);
	close(fds[1]);
	if (rc == RC_OK)
		*ret_fd = fds[0];
	else
		close(fds[0]);
	return rc;
}

static enum rc take_worker(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct broker *b = chan->owner;
	struct broker_worker m;
	struct err err = { 0 };
	struct user u = { .mem = NULL };
	struct place p = { 0 };
	char dir[4097];
	int fd = -1;
	enum rc rc;

	if (broker_worker_get(r, &m) != RC_OK || !slice_to_cstr(m.dir, dir, sizeof(dir)))
		return RC_SYNTAX;
	rc = find_place(b, &m, &u, dir, &p, &err);
	if (rc == RC_OK)
		rc = make_worker(b, &m, &p, &fd, &err);
	user_free(&u);
	if (rc == RC_OK)
		broker_worker_ready_send(chan, &(struct broker_worker_ready){ .id = m.id,
									      .channel = fd });
	else
		broker_worker_failed_send(chan, &(struct broker_worker_failed){
			.id = m.id, .text = slice_sub(slice_str(err.text), 0, 512) });
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ broker_user_type, 0, take_user }, { broker_owner_type, 0, take_owner },
	{ broker_worker_type, 0, take_worker },
};

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct broker *b = chan->owner;

	(void)why;
	daemon_exit(b->daemon, 0);
}

void broker_start(struct daemon *d, int fd)
{
	static const char *const roles[] = { "local-worker", "local-root", "local-command", NULL };
	struct config *c = daemon_user(d);
	struct broker *b = mem_new(1, sizeof(*b));
	struct err err = { 0 };

	b->daemon = d;
	b->config = c;
	b->writes = (struct worker_setup){ .config = c };
	b->commands = (struct worker_setup){ .config = c, .runs_commands = true };
	if (broker_init(d, 2 * (unsigned)c->p.local_worker_limit, roles, &err) != RC_OK)
		log_fatal("broker: %s", err.text);
	ipc_chan_init(&b->chan, daemon_loop(d), fd, &localbroker_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, b);
}
