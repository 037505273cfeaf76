/* tests/transcripts/test_imap.c - IMAP sessions of imapd over a Maildir made for each run.
 *
 * The session runs in a thread of its own behind struct client_ops; this side hands it bytes and
 * time, and waits until it waits. conf: prefix = STRING, separator = CHAR, max_line = BYTES,
 * notify = SECONDS, sleep = SECONDS (then a session that sleeps goes on as another one, and the side
 * channel says so; keep = no: nobody takes it). Events, as done by another program or session:
 *	deliver BOX TEXT	a new file in BOX (INBOX or a name); \n \r \t \xNN in TEXT
 *	file DIR NAME TEXT	a file of that name in DIR (cur, new) of INBOX
 *	flags BOX SEQ LETTERS	the message's file is renamed to have these flags
 *	gone BOX SEQ		its file is removed
 *	rmbox BOX
 *	stop			the system shuts down
 * Files are dated 2001-02-03 04:05:06 +0000; UIDVALIDITY counts up from 2130706433. The side
 * channel has what is logged. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "imapd/sleep.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/mail/charset.h"
#include "tests/lib/transcript.h"

enum { PATH_SIZE = 512, FILES_MAX = 1000, SETTLE_NS = 20000000, FILE_TIME = 981173106 };

struct harness {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool waiting;			/* the session wants input that is not there */
	bool over;
	bool eof;
	bool stop;
	struct buf in;
	int64_t now_ms;
	struct transcript_io *io;	/* of the call under way */
	struct session session;
	struct session_conf conf;
	char prefix[32], location[PATH_SIZE], root[PATH_SIZE - 64];
	unsigned n_delivered;
	bool failed;			/* the store could not be opened */
	bool keeps_none;
	char *asleep;			/* the state of a session that sleeps */
	size_t asleep_n;
	int dirs;			/* what may wake it */
};

/* --- the session's side --- */

static unsigned ready(struct harness *h, int watch_fd, int64_t deadline)
{
	struct pollfd p = { .fd = watch_fd, .events = POLLIN };

	if (buf_len(&h->in) > 0 || h->eof)
		return CLIENT_INPUT;
	if (h->stop)
		return CLIENT_STOP;
	if (watch_fd >= 0 && poll(&p, 1, 0) > 0)
		return CLIENT_WATCH;
	return deadline >= 0 && h->now_ms >= deadline ? CLIENT_TIMEOUT : 0;
}

static unsigned wait_for(void *self, int watch_fd, int64_t timeout_ms)
{
	struct harness *h = self;
	unsigned wake;
	int64_t deadline;

	pthread_mutex_lock(&h->lock);
	deadline = timeout_ms < 0 ? -1 : h->now_ms + timeout_ms;
	while ((wake = ready(h, watch_fd, deadline)) == 0) {
		h->waiting = true;
		pthread_cond_broadcast(&h->moved);
		pthread_cond_wait(&h->moved, &h->lock);
	}
	pthread_mutex_unlock(&h->lock);
	return wake;
}

static size_t read_in(void *self, char *p, size_t n)
{
	struct harness *h = self;
	struct slice part;

	pthread_mutex_lock(&h->lock);
	part = slice_sub(buf_slice(&h->in), 0, n);
	if (part.n > 0)
		memcpy(p, part.p, part.n);
	buf_consume(&h->in, part.n);
	pthread_mutex_unlock(&h->lock);
	return part.n;
}

static bool write_out(void *self, const struct iovec *v, int n)
{
	struct harness *h = self;

	for (int i = 0; i < n; i++)
		buf_add(h->io->out, slice_make(v[i].iov_base, v[i].iov_len));
	return true;
}

static void log_side(void *arg, bool is_error, const char *text)
{
	struct harness *h = arg;

	buf_addf(h->io->side, "%s%s\n", is_error ? "error: " : "", text);
}

/* What the broker does. */
static bool keep(void *arg, const struct session_rest *rest)
{
	struct harness *h = arg;

	if (h->keeps_none)
		return false;
	h->dirs = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	for (size_t i = 0; i < rest->n_dirs; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", rest->dirs[i]);
		if (inotify_add_watch(h->dirs, path, IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |
				      IN_DELETE | IN_DELETE_SELF) < 0)
			abort();
	}
	h->asleep = mem_dup(rest->state.p, rest->state.n);
	h->asleep_n = rest->state.n;
	buf_adds(h->io->side, "asleep\n");
	return true;
}

static const struct client_ops client_ops = {
	.wait = wait_for, .read = read_in, .write = write_out,
};

/* The session that slept goes on in another one. */
static void wake_up(struct harness *h, struct err *err)
{
	session_done(&h->session);
	(void)wait_for(h, h->dirs, -1);
	close(h->dirs);
	if (session_init(&h->session, &h->conf, &client_ops, h, err) != RC_OK ||
	    session_wake_up(&h->session, slice_make(h->asleep, h->asleep_n), 0, err) != RC_OK)
		abort();
	free(h->asleep);
	session_run_on(&h->session);
}

static void *run(void *arg)
{
	const struct session_greeting greeting = { .tag = SLICE_LIT("l1") };
	struct harness *h = arg;
	struct err err = { 0 };

	if (session_init(&h->session, &h->conf, &client_ops, h, &err) == RC_OK) {
		session_run(&h->session, &greeting);
		while (h->session.is_asleep)
			wake_up(h, &err);
	} else {
		fprintf(stderr, "%s\n", err.text);
		h->failed = true;
	}
	session_done(&h->session);
	pthread_mutex_lock(&h->lock);
	h->over = true;
	pthread_cond_broadcast(&h->moved);
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

/* --- the mail --- */

static void put_file(const char *dir, const char *name, struct slice text)
{
	char path[PATH_SIZE * 2];
	const struct timespec times[2] = { { .tv_sec = FILE_TIME }, { .tv_sec = FILE_TIME } };
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0 ||
	    utimensat(AT_FDCWD, path, times, 0) != 0)
		abort();
}

/* New directories count their UIDVALIDITY on from here, so that all runs say the same. */
static bool make_root(struct harness *h)
{
	static const char *const parts[] = { "cur", "new", "tmp" };
	const char *tmp = getenv("TMPDIR");

	snprintf(h->root, sizeof(h->root), "%s/imap-transcript-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(h->root) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s", h->root, parts[i]);
		if (mkdir(path, S_IRWXU) != 0)
			return false;
	}
	put_file(h->root, "dovecot-uidvalidity", SLICE_LIT("7f000000"));
	put_file(h->root, "dovecot-uidvalidity.7f000000", SLICE_LIT(""));
	snprintf(h->location, sizeof(h->location), "maildir:%s", h->root);
	return true;
}

static void remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char inner[PATH_SIZE * 2];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name);
		if (unlink(inner) != 0)
			remove_tree(inner);
	}
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static void box_path(struct harness *h, struct slice box, char out[PATH_SIZE])
{
	if (slice_is(box, "INBOX"))
		snprintf(out, PATH_SIZE, "%s", h->root);
	else
		snprintf(out, PATH_SIZE, "%s/.%.*s", h->root, SLICE_ARG(box));
}

static void unescape(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c != '\\' || i + 1 >= s.n) {
			buf_addc(out, c);
			continue;
		}
		c = s.p[++i];
		if (c == 'x' && i + 2 < s.n) {
			buf_addc(out, (char)(char_hex(s.p[i + 1]) * 16 + char_hex(s.p[i + 2])));
			i += 2;
		} else {
			buf_addc(out, c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
		}
	}
}

static void put_text(const char *dir, struct slice name, struct slice text)
{
	char cname[256];
	struct buf message;

	buf_init(&message, 1 << 24);
	unescape(text, &message);
	if (!slice_to_cstr(name, cname, sizeof(cname)))
		abort();
	put_file(dir, cname, buf_slice(&message));
	buf_done(&message);
}

static void deliver(struct harness *h, const char *dir, struct slice text)
{
	char path[PATH_SIZE * 2], name[64];

	snprintf(path, sizeof(path), "%s/new", dir);
	snprintf(name, sizeof(name), "%u.M%uP1.host", 1000000000 + h->n_delivered,
		 h->n_delivered);
	h->n_delivered++;
	put_text(path, slice_str(name), text);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_message(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Rename the file of message SEQ (in the order of names) to have LETTERS, or remove it. */
static bool change_file(const char *dir, uint32_t seq, const char *letters)
{
	char cur[PATH_SIZE * 2], from[PATH_SIZE * 4], to[PATH_SIZE * 4];
	struct dirent **names;
	bool ok = false;
	int n;

	snprintf(cur, sizeof(cur), "%s/cur", dir);
	n = scandir(cur, &names, is_message, by_name);
	for (int i = 0; i < n; i++) {
		if ((uint32_t)i + 1 == seq) {
			int base = (int)strcspn(names[i]->d_name, ":");

			snprintf(from, sizeof(from), "%s/%s", cur, names[i]->d_name);
			snprintf(to, sizeof(to), "%s/%.*s:2,%s", cur, base, names[i]->d_name,
				 letters != NULL ? letters : "");
			ok = letters != NULL ? rename(from, to) == 0 : unlink(from) == 0;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return ok;
}

/* --- the test's side --- */

/* Let the session run until it waits for what only we can give. */
static void settle(struct harness *h)
{
	h->waiting = false;
	pthread_cond_broadcast(&h->moved);
	while (!h->waiting && !h->over)
		pthread_cond_wait(&h->moved, &h->lock);
}

static bool configure(struct harness *h, const struct transcript_conf *c)
{
	uint64_t n;

	if (slice_is(c->name, "prefix")) {
		if (!slice_to_cstr(c->value, h->prefix, sizeof(h->prefix)))
			return false;
		h->conf.ns.prefix = slice_str(h->prefix);
		return true;
	}
	if (slice_is(c->name, "separator") && c->value.n == 1) {
		h->conf.store.separator = h->conf.ns.separator = c->value.p[0];
		return true;
	}
	if (slice_is(c->name, "keep"))
		return h->keeps_none = slice_is(c->value, "no");
	if (num_u64(c->value, UINT32_MAX, &n) != RC_OK)
		return false;
	if (slice_is(c->name, "max_line"))
		h->conf.max_line_bytes = (size_t)n;
	else if (slice_is(c->name, "notify"))
		h->conf.idle_notify_ms = (int64_t)n * 1000;
	else if (slice_is(c->name, "sleep"))
		h->conf.sleep_after_ms = (int64_t)n * 1000;
	else
		return false;
	return true;
}

static void *open_session(const struct transcript_conf *conf, size_t n, struct transcript_io *io)
{
	struct harness *h = mem_new(1, sizeof(*h));

	h->io = io;
	h->conf = (struct session_conf){
		.user = "alice", .ns = { .prefix = SLICE_LIT(""), .separator = '.' },
		.store = { .location = h->location, .hostname = "host", .no_fsync = true },
		.capability = SLICE_LIT("IMAP4rev1 IDLE"), .id = SLICE_LIT("(\"name\" \"Buzon\")"),
		.max_line_bytes = 65536, .idle_notify_ms = 120000, .autologout_ms = 1800000,
		.sleep = keep, .sleep_arg = h,
		.log = log_side, .log_arg = h,
	};
	for (size_t i = 0; i < n; i++)
		if (!configure(h, &conf[i])) {
			free(h);
			return NULL;
		}
	if (!make_root(h)) {
		free(h);
		return NULL;
	}
	buf_init(&h->in, 1 << 26);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->moved, NULL);
	pthread_mutex_lock(&h->lock);
	if (pthread_create(&h->thread, NULL, run, h) != 0)
		abort();
	settle(h);
	pthread_mutex_unlock(&h->lock);
	return h;
}

static void input(void *self, struct slice bytes, struct transcript_io *io)
{
	struct harness *h = self;

	pthread_mutex_lock(&h->lock);
	h->io = io;
	buf_add(&h->in, bytes);
	settle(h);
	pthread_mutex_unlock(&h->lock);
}

static void eof(void *self, struct transcript_io *io)
{
	struct harness *h = self;

	pthread_mutex_lock(&h->lock);
	h->io = io;
	h->eof = true;
	settle(h);
	pthread_mutex_unlock(&h->lock);
}

static const struct timespec settle_time = { .tv_nsec = SETTLE_NS };

static void tick(void *self, int64_t ms, struct transcript_io *io)
{
	struct harness *h = self;

	/* The disk's clock is not ours. */
	nanosleep(&settle_time, NULL);
	pthread_mutex_lock(&h->lock);
	h->io = io;
	h->now_ms += ms;
	settle(h);
	pthread_mutex_unlock(&h->lock);
}

static bool do_event(struct harness *h, struct slice text)
{
	struct slice verb, box, seq;
	char dir[PATH_SIZE], letters[32];
	uint32_t number;

	if (slice_is(text, "stop"))
		return h->stop = true;
	if (!slice_split(&text, ' ', &verb) || !slice_split(&text, ' ', &box))
		return false;
	if (slice_is(verb, "file") && slice_split(&text, ' ', &seq)) {
		snprintf(dir, sizeof(dir), "%s/%.*s", h->root, SLICE_ARG(box));
		put_text(dir, seq, text);
		return true;
	}
	box_path(h, box, dir);
	if (slice_is(verb, "rmbox")) {
		remove_tree(dir);
		return true;
	}
	if (slice_is(verb, "deliver")) {
		deliver(h, dir, text);
		return true;
	}
	if (!slice_split(&text, ' ', &seq) || num_u32(seq, FILES_MAX, &number) != RC_OK)
		return false;
	if (slice_is(verb, "gone"))
		return change_file(dir, number, NULL);
	return slice_is(verb, "flags") && slice_to_cstr(text, letters, sizeof(letters)) &&
		change_file(dir, number, letters);
}

static bool event(void *self, struct slice text, struct transcript_io *io)
{
	struct harness *h = self;
	bool ok;

	/* Directories must not keep the time at which the session looked last. */
	nanosleep(&settle_time, NULL);
	pthread_mutex_lock(&h->lock);
	h->io = io;
	ok = do_event(h, text);
	settle(h);
	pthread_mutex_unlock(&h->lock);
	return ok;
}

static bool is_closed(void *self)
{
	return ((struct harness *)self)->over;
}

static void close_session(void *self)
{
	struct harness *h = self;
	struct transcript_io nowhere;
	struct buf out, side;

	buf_init(&out, 1 << 20);
	buf_init(&side, 1 << 20);
	nowhere = (struct transcript_io){ .out = &out, .side = &side };
	if (!h->over)
		eof(h, &nowhere);
	pthread_join(h->thread, NULL);
	remove_tree(h->root);
	buf_done(&side);
	buf_done(&out);
	buf_done(&h->in);
	free(h);
}

int main(int argc, char **argv)
{
	static const struct transcript_ops ops = {
		.open = open_session, .input = input, .eof = eof, .tick = tick, .event = event,
		.is_closed = is_closed, .close = close_session,
	};

	setenv("TZ", "UTC", 1);
	tzset();
	charset_warm();
	return transcript_main("imap", &ops, argc, argv);
}
