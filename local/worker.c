/* SPDX-License-Identifier: ISC */
#include "local/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/ipc/localworker.h"
#include "lib/deliver/command.h"
#include "lib/deliver/maildir.h"
#include "lib/deliver/mbox.h"
#include "local/facts.h"

enum { BATCH_MAX = 64, BATCH_ARENA = 4 << 20, ENV_MAX = 256 };

struct item {
	struct work_deliver m;		/* strings in the batch's arena; owns m.file */
	struct maildir_file file;
	struct outcome out;
};

struct worker {
	const struct config *config;
	struct loop *loop;
	struct ipc_chan chan;
	struct task batch_task;
	struct arena arena;
	struct item *items;
	size_t n;
	struct maildir_names names;
	char *block;
	bool is_root;
	bool is_locked_out;	/* of a mailbox: the others of the batch do not wait for it again */
};

static void answer(struct worker *w, uint32_t id, const struct outcome *out)
{
	work_done_send(&w->chan, &(struct work_done){
		.id = id, .status = (uint8_t)out->status, .dsn = slice_str(out->dsn),
		.text = slice_str(out->text), .refused = out->is_refused });
}

static struct message message_of(const struct work_deliver *m)
{
	return (struct message){ .fd = m->file, .offset = m->content_offset,
				 .bytes = (uint64_t)m->content_bytes, .crc = m->content_crc,
				 .header = m->header };
}

static void append_mbox(struct worker *w, struct item *it)
{
	const struct config *c = w->config;
	struct message m = message_of(&it->m);
	struct mbox_spec spec = {
		.path = it->m.path.p, .user = it->m.user.p,
		.locks = c->is_virtual ? c->virtual_locks : c->mailbox_locks,
		.lock_attempts = w->is_locked_out ? 1 : (unsigned)c->p.deliver_lock_attempts,
		.lock_delay_ms = c->p.deliver_lock_delay, .stale_lock_ms = c->p.stale_lock_time,
		.limit_bytes = (uint64_t)it->m.limit_bytes,
		.is_mailbox = it->m.format == WORK_MBOX, .is_virtual = c->is_virtual,
		.owner_must_match = it->m.format == WORK_MBOX && c->p.strict_mailbox_ownership,
	};
	struct buf from;
	enum rc rc;

	buf_init(&from, 4096);
	mbox_from_line(it->m.sender, (int64_t)time(NULL), &from);
	rc = mbox_append(&spec, buf_slice(&from), &m, w->block, &it->out);
	w->is_locked_out = w->is_locked_out || rc == RC_TEMP;
	if (rc == RC_OK) {
		if (it->m.format == WORK_MBOX)
			outcome_set(&it->out, OUTCOME_SENT, "2.0.0", "delivered to mailbox");
		else
			outcome_set(&it->out, OUTCOME_SENT, "2.0.0", "delivered to file: %s",
				    spec.path);
	}
	buf_done(&from);
}

static void write_item(struct worker *w, struct item *it)
{
	struct message m = message_of(&it->m);

	if (it->m.format != WORK_MAILDIR) {
		append_mbox(w, it);
		return;
	}
	/* A failure is in it->out, which later steps look at. */
	(void)!maildir_write(&w->names, it->m.path.p, &m, (uint64_t)it->m.limit_bytes, w->block,
			     &it->file, &it->out);
}

/* A virtual mailbox that cannot be one is the administrator's mistake, not the recipient's. */
static void soften(struct outcome *out)
{
	if (strcmp(out->dsn, "5.2.0") != 0)
		return;
	out->status = OUTCOME_DEFERRED;
	out->dsn[0] = '4';
}

static void finish_item(struct item *it)
{
	if (it->out.status != 0)
		return;
	if (maildir_publish(&it->file, &it->out) == RC_OK)
		outcome_set(&it->out, OUTCOME_SENT, "2.0.0", "delivered to maildir");
}

static void run_batch(struct worker *w)
{
	w->is_locked_out = false;
	for (size_t i = 0; i < w->n; i++)
		write_item(w, &w->items[i]);
	for (size_t i = 0; i < w->n && w->n > 1; i++)
		if (w->items[i].out.status == 0)
			maildir_start_sync(&w->items[i].file);
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].out.status == 0)
			(void)!maildir_sync(&w->items[i].file, &w->items[i].out);
	for (size_t i = 0; i < w->n; i++) {
		finish_item(&w->items[i]);
		if (w->config->is_virtual)
			soften(&w->items[i].out);
		answer(w, w->items[i].m.id, &w->items[i].out);
		close(w->items[i].m.file);
	}
	w->n = 0;
	arena_reset(&w->arena);
}

static void on_batch(struct task *t)
{
	run_batch(LIST_ENTRY(t, struct worker, batch_task));
}

/* Strings of M into the batch's arena, as C strings. */
static bool keep(struct worker *w, struct slice *s)
{
	*s = arena_slice(&w->arena, *s);
	return s->p != NULL;
}

/* Root's worker has no capabilities, but root's files are its own. Were the front taken over, or the
 * kernel without Landlock, it still appends to mailboxes in the spool directory and does no more. */
static bool is_for_root(const struct worker *w, const struct work_deliver *m)
{
	const char *spool = w->config->p.mail_spool_directory;
	struct slice name = m->path;

	if (m->format == WORK_FILE || !slice_starts(name, slice_str(spool)))
		return false;
	name = slice_skip(name, strlen(spool));
	while (name.n > 0 && name.p[0] == '/')
		name = slice_skip(name, 1);
	if (m->format == WORK_MAILDIR && name.n > 0 && name.p[name.n - 1] == '/')
		name.n--;
	return slice_eq(name, m->user) && slice_chr(name, '/') < 0 && m->user.n > 0 &&
	       m->user.p[0] != '.';
}

static enum rc take_deliver(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct worker *w = chan->owner;
	struct work_deliver m;
	struct item *it;

	if (work_deliver_get(r, &m) != RC_OK || m.file < 0)
		return RC_SYNTAX;
	if (slice_has_nul(m.path) || m.path.n == 0 || m.path.p[0] != '/' || m.content_bytes < 0 ||
	    m.content_offset < 0 || m.limit_bytes < 0 || m.format < WORK_MAILDIR ||
	    m.format > WORK_FILE || (w->is_root && !is_for_root(w, &m))) {
		close(m.file);
		return RC_SYNTAX;
	}
	if (!keep(w, &m.path) || !keep(w, &m.user) || !keep(w, &m.sender) || !keep(w, &m.header)) {
		close(m.file);	/* BATCH_MAX times the longest strings fit */
		return RC_SYNTAX;
	}
	it = &w->items[w->n++];
	it->m = m;
	it->file.fd = -1;
	it->out = (struct outcome){ 0 };
	if (w->n == BATCH_MAX)
		run_batch(w);
	else if (w->n == 1)
		loop_defer(w->loop, &w->batch_task, on_batch);
	return RC_OK;
}

/* --- .forward and :include: --- */

static enum rc not_opened(struct worker *w, uint32_t id, uint8_t code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static enum rc not_opened(struct worker *w, uint32_t id, uint8_t code, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	buf_init(&text, 500);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	work_not_opened_send(&w->chan, &(struct work_not_opened){
		.id = id, .code = code, .text = buf_slice(&text) });
	buf_done(&text);
	return RC_OK;
}

/* What it is that cannot be opened: absent, in the way, or a passing trouble. The border around
 * this process, which the modes know nothing of, is such a trouble: no .forward is passed over for
 * it. */
static enum rc open_failed(struct worker *w, uint32_t id, const char *path, int e)
{
	bool none = e == ENOENT || e == ENOTDIR;
	bool refused = e == EACCES ? access(path, R_OK) != 0
				   : e == EPERM || e == ELOOP || e == ENXIO;

	return not_opened(w, id, none ? WORK_OPEN_NONE : refused ? WORK_OPEN_REFUSED
								  : WORK_OPEN_LATER,
			  "cannot open file %s: %s", path,
			  e == ELOOP ? "it is a symbolic link" : strerror(e));
}

/* What makes a file that is there unfit; NULL: nothing. Whoever else owns a .forward file, or may
 * write to it, would have commands executed as its user. */
static const char *unfit(const struct stat *st, bool is_forward, char *room, size_t size)
{
	if (!S_ISREG(st->st_mode))
		return "is not a regular file";
	if (is_forward && st->st_uid != 0 && st->st_uid != geteuid()) {
		snprintf(room, size, "has bad owner uid %u", (unsigned)st->st_uid);
		return room;
	}
	return (st->st_mode & S_IWOTH) != 0 ? "is world writable" : NULL;
}

/* The file FD in memory: reading it there holds nobody up, wherever the user keeps it (FUSE, NFS).
 * -1 with errno, EFBIG for one that is too large. */
static int copy_to_memory(int fd, char *block)
{
	int copy = memfd_create("local", MFD_CLOEXEC);
	size_t total = 0;
	ssize_t n = 0;
	int e;

	if (copy < 0)
		return -1;
	while ((n = read(fd, block, MESSAGE_BLOCK)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		total += (size_t)n;
		if (total > FACTS_FILE_MAX) {
			errno = EFBIG;
			n = -1;
			break;
		}
		if (message_write(copy, slice_make(block, (size_t)n), (struct slice){ 0 }) != 0) {
			n = -1;
			break;
		}
	}
	if (n == 0)
		return copy;
	e = errno;
	close(copy);
	errno = e;
	return -1;
}

static enum rc hand_over(struct worker *w, uint32_t id, int copy, const char *path, int e)
{
	if (copy < 0)
		return not_opened(w, id, WORK_OPEN_LATER, "cannot read file %s: %s", path,
				  strerror(e));
	work_opened_send(&w->chan, &(struct work_opened){ .id = id, .file = copy });
	return RC_OK;
}

static enum rc look_for_home(struct worker *w, uint32_t id, const char *path)
{
	struct stat st;
	int nothing;

	if (stat(path, &st) != 0)
		return not_opened(w, id, WORK_OPEN_LATER, "cannot access home directory %s: %s",
				  path, strerror(errno));
	nothing = memfd_create("local", MFD_CLOEXEC);
	return hand_over(w, id, nothing, path, errno);
}

static enum rc take_open(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct worker *w = chan->owner;
	struct work_open m;
	char path[4097], room[64];
	const char *why;
	struct stat st;
	int fd, copy, e;

	if (work_open_get(r, &m) != RC_OK || !slice_to_cstr(m.path, path, sizeof(path)))
		return RC_SYNTAX;
	if (m.what == WORK_HOME)
		return look_for_home(w, m.id, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
				(m.what == WORK_FORWARD ? O_NOFOLLOW : 0));
	if (fd < 0)
		return open_failed(w, m.id, path, errno);
	why = fstat(fd, &st) != 0 ? strerror(errno)
				  : unfit(&st, m.what == WORK_FORWARD, room, sizeof(room));
	if (why != NULL) {
		close(fd);
		return not_opened(w, m.id, WORK_OPEN_REFUSED, "file %s %s", path, why);
	}
	copy = copy_to_memory(fd, w->block);
	e = errno;
	close(fd);
	return hand_over(w, m.id, copy, path, e);
}

/* --- commands --- */

/* NAME=VALUE, each with a NUL behind it, as an environment; what is over the limit is left out. */
static void split_environment(struct slice block, char **env)
{
	size_t n = 0;

	while (block.n > 0 && n + 1 < ENV_MAX) {
		ptrdiff_t end = slice_chr(block, '\0');

		if (end < 0)
			break;
		env[n++] = (char *)(uintptr_t)block.p;
		block = slice_skip(block, (size_t)end + 1);
	}
	env[n] = NULL;
}

static enum rc take_command(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct worker *w = chan->owner;
	struct outcome out = { 0 };
	char *env[ENV_MAX];
	struct work_command m;
	struct message msg;
	struct buf from;
	struct command c;

	if (work_command_get(r, &m) != RC_OK || m.file < 0)
		return RC_SYNTAX;
	msg = (struct message){ .fd = m.file, .offset = m.content_offset,
				.bytes = (uint64_t)m.content_bytes, .crc = m.content_crc,
				.header = m.header };
	split_environment(m.environment, env);
	buf_init(&from, 4096);
	mbox_from_line(m.sender, (int64_t)time(NULL), &from);
	c = (struct command){ .line = arena_str(&w->arena, m.command),
			      .directory = arena_str(&w->arena, m.directory),
			      .shell = w->config->p.local_command_shell, .environment = env,
			      .limit_bytes = (uint64_t)w->config->p.mailbox_size_limit,
			      .from = buf_slice(&from), .m = &msg, .limit_ms = m.limit_ms };
	if (c.line != NULL && c.directory != NULL)
		command_run(&c, w->block, &out);
	buf_done(&from);
	close(m.file);
	arena_reset(&w->arena);
	answer(w, m.id, &out);
	return out.status != 0 ? RC_OK : RC_SYNTAX;
}

static const struct ipc_handler write_handlers[] = {
	{ work_deliver_type, 0, take_deliver }, { work_open_type, 0, take_open },
};
static const struct ipc_handler command_handlers[] = {
	{ work_command_type, 0, take_command },
};

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct worker *w = chan->owner;

	(void)why;
	loop_stop(w->loop);
}

int worker_run(void *arg, int *fds, size_t n_fds)
{
	const struct worker_setup *setup = arg;
	struct worker w = { .config = setup->config, .loop = loop_new() };

	if (w.loop == NULL || n_fds != 1)
		return EXIT_FAILURE;
	arena_init(&w.arena, BATCH_ARENA);
	w.items = mem_new(BATCH_MAX, sizeof(*w.items));
	w.block = mem_new(1, MESSAGE_BLOCK);
	task_init(&w.batch_task);
	w.is_root = geteuid() == 0 && !setup->config->is_rootless;
	maildir_names_init(&w.names);
	if (setup->runs_commands)
		ipc_chan_init(&w.chan, w.loop, fds[0], &localworker_proto, command_handlers, 1,
			      on_close, &w);
	else
		/* for virtual mailboxes, and as root, no file is opened for the front */
		ipc_chan_init(&w.chan, w.loop, fds[0], &localworker_proto, write_handlers,
			      setup->config->is_virtual || w.is_root ? 1 : 2, on_close, &w);
	loop_run(w.loop);
	ipc_chan_done(&w.chan);
	maildir_names_done(&w.names);
	arena_done(&w.arena);
	free(w.items);
	free(w.block);
	loop_free(&w.loop);
	return EXIT_SUCCESS;
}
