/* SPDX-License-Identifier: ISC */
#include "lib/sys/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048, TAG_MAX = 512, STAMP_MAX = 20, PENDING_MAX = 32768,
       WAIT_MS = 100, WAITS_MS = 500 /* in one second */ };

/* A line under construction. What does not fit is cut; a line is never longer than a datagram
 * that every syslog takes. */
struct line {
	size_t n;
	char mem[LINE_MAX_BYTES];
};

/* The log sink is the one piece of mutable file-scope state that the house rules allow. */
static struct {
	enum log_sink sink;
	int fd;
	int facility;
	int verbose;
	char tag[TAG_MAX];
	bool is_dovecot;
	void (*lost)(void);
	unsigned long dropped;
	bool is_lost;			/* the peer went away; lines are pending */
	bool is_batched;		/* lines are pending until log_flush() */
	int fatal_status;		/* of the process, after log_fatal(); 0: 1 */
	time_t asked_s;			/* when lost() was called last */
	int64_t wait_second;		/* when a full socket was waited for, and for how long */
	int waited_ms;
	size_t pending_n;
	char pending[PENDING_MAX];	/* lines, each with a newline behind it */
	time_t stamp_s;
	char stamp[STAMP_MAX];
	pid_t pid;			/* 0: not asked for since the last fork */
	enum log_sink copy_sink;
	int copy_fd;			/* -1: there is no copy */
	char copy_tag[TAG_MAX];
} sink = { .sink = LOG_SINK_STDERR, .fd = -1, .facility = LOG_MAIL, .tag = "buzon",
	   .copy_fd = -1 };

static const struct {
	int priority;
	const char *prefix;
	const char *dovecot;
} levels[] = {
	[LOG_LEVEL_DEBUG] = { LOG_DEBUG, "", "Debug: " },
	[LOG_LEVEL_INFO] = { LOG_INFO, "", "" },
	[LOG_LEVEL_WARNING] = { LOG_WARNING, "warning: ", "Warning: " },
	[LOG_LEVEL_ERROR] = { LOG_ERR, "error: ", "Error: " },
	[LOG_LEVEL_FATAL] = { LOG_CRIT, "fatal: ", "Fatal: " },
	[LOG_LEVEL_PANIC] = { LOG_CRIT, "panic: ", "Panic: " },
};
_Static_assert(sizeof(levels) / sizeof(levels[0]) == LOG_LEVEL_PANIC + 1, "a level has no prefix");

static void put(struct line *l, const char *p, size_t n)
{
	if (n > sizeof(l->mem) - l->n)
		n = sizeof(l->mem) - l->n;
	memcpy(l->mem + l->n, p, n);
	l->n += n;
}

static void puts_line(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

__attribute__((format(printf, 2, 3)))
static void putf(struct line *l, const char *fmt, ...)
{
	char tmp[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(tmp, sizeof(tmp), fmt, ap);
	va_end(ap);
	puts_line(l, tmp);
}

/* Length of the well-formed UTF-8 sequence at P (2 to 4 bytes), or 0. Overlong forms,
 * surrogates and C1 controls are no text. */
static size_t utf8_len(const unsigned char *p, size_t n)
{
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (p[0] < 0xc2 || p[0] > 0xf4 || n < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xe0 && p[1] < 0xa0) ||
	    (p[0] == 0xed && p[1] >= 0xa0) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] >= 0x90))
		return 0;
	return len;
}

/* Peers put what they like into addresses and greetings: nothing of it may end the line, move
 * the cursor of a terminal, or look like bytes of another encoding. As Postfix does, each such
 * byte becomes a question mark; UTF-8 (SMTPUTF8 addresses) stays. */
static void put_untrusted(struct line *l, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		const unsigned char *p = (const unsigned char *)s + i;
		size_t len = *p < 0x80 ? 1 : utf8_len(p, n - i);

		if (len == 0 || char_is_cntrl((char)*p)) {
			put(l, "?", 1);
			i++;
		} else {
			if (sizeof(l->mem) - l->n < len)
				return;
			put(l, s + i, len);
			i += len;
		}
	}
}

static void put_stamp(struct line *l, int priority)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != sink.stamp_s) {
		localtime_r(&now.tv_sec, &tm);
		strftime(sink.stamp, sizeof(sink.stamp), "%b %e %H:%M:%S", &tm);
		sink.stamp_s = now.tv_sec;
	}
	putf(l, "<%d>%s ", sink.facility | priority, sink.stamp);
}

/* The lines that were pending at the fork are the parent's. */
static void begin_child(void)
{
	sink.pid = 0;
	sink.pending_n = 0;
	sink.is_batched = false;
}

static bool watch_forks(void)
{
	static bool is_watched;

	if (!is_watched)
		is_watched = pthread_atfork(NULL, NULL, begin_child) == 0;
	return is_watched;
}

/* Asked for once per process: a busy daemon writes thousands of lines a second. */
static uint64_t own_pid(void)
{
	if (!watch_forks() || sink.pid == 0)
		sink.pid = getpid();
	return (uint64_t)sink.pid;
}

static uint64_t session_of(const struct log_ctx *ctx)
{
	for (; ctx != NULL; ctx = ctx->parent)
		if (ctx->session != 0)
			return ctx->session;
	return own_pid();
}

static struct slice queue_id_of(const struct log_ctx *ctx)
{
	for (; ctx != NULL; ctx = ctx->parent)
		if (ctx->queue_id.n > 0)
			return ctx->queue_id;
	return (struct slice){ 0 };
}

static void put_head(struct line *l, enum log_sink kind, const char *tag, enum log_level level,
		     const struct log_ctx *ctx)
{
	struct slice id = queue_id_of(ctx);

	if (kind == LOG_SINK_SYSLOG)
		put_stamp(l, levels[level].priority);
	put_untrusted(l, tag, strlen(tag));
	if (kind != LOG_SINK_STDERR && !sink.is_dovecot)
		putf(l, "[%llu]", (unsigned long long)session_of(ctx));
	puts_line(l, ": ");
	puts_line(l, sink.is_dovecot ? levels[level].dovecot : levels[level].prefix);
	if (id.n > 0) {
		put_untrusted(l, id.p, id.n);
		puts_line(l, ": ");
	}
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1;	/* never 0 */
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A full socket is waited for: a burst of lines gets through to a reader who works. One who does not,
 * or is slow, must not make everybody slow, so it is not waited for again in the same second. */
static bool wait_for_room(void)
{
	struct pollfd p = { .fd = sink.fd, .events = POLLOUT };
	int64_t begin = now_ms();
	int got;

	if (sink.wait_second != begin / 1000) {
		sink.wait_second = begin / 1000;
		sink.waited_ms = 0;
	}
	if (sink.waited_ms >= WAITS_MS)
		return false;
	got = poll(&p, 1, WAIT_MS);
	sink.waited_ms += got == 1 ? (int)(now_ms() - begin) : WAITS_MS;
	return got == 1;
}

static bool is_peer_gone(int code)
{
	return code == EPIPE || code == ECONNREFUSED || code == ECONNRESET || code == ENOTCONN ||
	       code == EBADF;
}

/* The peer may be away for a while: ask once a second, as long as there is something to say. */
static void ask_for_fd(void)
{
	time_t now = now_s();

	if (sink.asked_s == now)
		return;
	sink.asked_s = now;
	sink.lost();
}

/* False when the bytes could not be sent. */
static bool send_bytes(const char *p, size_t n)
{
	ssize_t sent = send(sink.fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	while (sent < 0 && (errno == EAGAIN || errno == ENOBUFS) && wait_for_room())
		sent = send(sink.fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && is_peer_gone(errno) && sink.lost != NULL)
		sink.is_lost = true;
	return sent >= 0;
}

/* Bytes of PENDING from AT on that make one packet, with the last newline: to syslog one line, to
 * postlogd as many as fit. */
static size_t packet_at(size_t at)
{
	struct slice rest = slice_make(sink.pending + at, sink.pending_n - at);
	ptrdiff_t end = slice_chr(rest, '\n');

	if (sink.sink == LOG_SINK_POSTLOG && rest.n > LOG_PACKET_MAX)
		end = slice_rchr(slice_sub(rest, 0, LOG_PACKET_MAX), '\n');
	else if (sink.sink == LOG_SINK_POSTLOG)
		end = (ptrdiff_t)rest.n - 1;
	return (size_t)end + 1;
}

/* Send what is pending until the socket takes no more. */
static void push(void)
{
	size_t at = 0;

	while (at < sink.pending_n && !sink.is_lost) {
		size_t n = packet_at(at);

		if (!send_bytes(sink.pending + at, n - 1))
			break;
		at += n;
	}
	sink.pending_n -= at;
	memmove(sink.pending, sink.pending + at, sink.pending_n);
	if (sink.is_lost)
		ask_for_fd();	/* may come back here with a new descriptor */
}

static void append(const struct line *l)
{
	if (sizeof(sink.pending) - sink.pending_n <= l->n) {
		sink.dropped++;
		return;
	}
	memcpy(sink.pending + sink.pending_n, l->mem, l->n);
	sink.pending_n += l->n;
	sink.pending[sink.pending_n++] = '\n';
}

static void report_dropped(void)
{
	struct line l = { 0 };

	put_head(&l, sink.sink, sink.tag, LOG_LEVEL_WARNING, NULL);
	putf(&l, "%lu log lines were lost", sink.dropped);
	sink.dropped = 0;
	append(&l);
	push();
}

void log_flush(void)
{
	if (sink.fd < 0 || sink.pending_n == 0)
		return;
	push();
	if (sink.pending_n == 0 && sink.dropped > 0)
		report_dropped();
}

bool log_is_waiting(void)
{
	return sink.is_lost && sink.pending_n > 0;
}

bool log_is_pending(void)
{
	return sink.fd >= 0 && sink.pending_n > 0;
}

void log_finish(int ms)
{
	int64_t left, end = now_ms() + ms;

	for (log_flush(); log_is_pending() && !sink.is_lost; log_flush()) {
		struct pollfd p = { .fd = sink.fd, .events = POLLOUT };

		left = end - now_ms();
		if (left <= 0 || poll(&p, 1, (int)left) != 1)
			return;
	}
}

void log_batch(bool on)
{
	sink.is_batched = on && watch_forks();
}

static void deliver(struct line *l)
{
	if (sink.sink == LOG_SINK_STDERR || sink.fd < 0) {
		if (l->n == sizeof(l->mem))
			l->n--;
		l->mem[l->n++] = '\n';
		if (write(STDERR_FILENO, l->mem, l->n) < 0)
			sink.dropped++;
		return;
	}
	if (sizeof(sink.pending) - sink.pending_n <= l->n)
		push();
	append(l);
	if (!sink.is_batched || sink.sink != LOG_SINK_POSTLOG)
		log_flush();
}

/* Now or not at all: who started the command has read it. */
static void send_copy(enum log_level level, const struct log_ctx *ctx, const char *text, size_t n)
{
	struct line l = { 0 };

	put_head(&l, sink.copy_sink, sink.copy_tag, level, ctx);
	put_untrusted(&l, text, n);
	if (send(sink.copy_fd, l.mem, l.n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

__attribute__((format(printf, 3, 0)))
static void emit(enum log_level level, const struct log_ctx *ctx, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	struct line l = { 0 };
	int saved = errno;
	int n;

	if (level == LOG_LEVEL_DEBUG && sink.verbose == 0)
		return;
	n = vsnprintf(text, sizeof(text), fmt, ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	put_head(&l, sink.sink, sink.tag, level, ctx);
	put_untrusted(&l, text, (size_t)n);
	deliver(&l);
	if (sink.copy_fd >= 0 && level > LOG_LEVEL_DEBUG)
		send_copy(level, ctx, text, (size_t)n);
	errno = saved;
}

void log_open(enum log_sink kind, int fd, const char *tag, int facility)
{
	tzset();	/* reads the zone's file now: a confined process cannot */
	sink.sink = kind;
	sink.facility = facility;
	snprintf(sink.tag, sizeof(sink.tag), "%s", tag);
	if (kind != LOG_SINK_STDERR)
		sink.fd = fd;
}

void log_copy_to(enum log_sink kind, int fd, const char *prefix, int facility)
{
	const char *slash = strrchr(sink.tag, '/');

	if (sink.copy_fd >= 0)
		close(sink.copy_fd);
	sink.copy_sink = kind;
	sink.copy_fd = fd;
	sink.facility = facility;
	snprintf(sink.copy_tag, sizeof(sink.copy_tag), "%s/%.*s", prefix, TAG_MAX / 2,
		 slash != NULL ? slash + 1 : sink.tag);
}

void log_as_dovecot(const char *who)
{
	sink.is_dovecot = true;
	snprintf(sink.tag, sizeof(sink.tag), "dovecot: %s", who);
}

void log_set_fd(int fd)
{
	if (sink.fd >= 0 && sink.fd != fd)
		close(sink.fd);
	sink.fd = fd;
	sink.is_lost = false;
	log_flush();
}

void log_become_child(int fd)
{
	sink.lost = NULL;
	sink.is_lost = false;
	sink.dropped = 0;
	if (sink.sink != LOG_SINK_STDERR)
		sink.fd = fd;
}

void log_relay(const char *packet, size_t n)
{
	struct slice rest = slice_make(packet, n), one;

	while (slice_split(&rest, '\n', &one)) {
		struct line l = { 0 };

		put(&l, one.p, one.n);
		deliver(&l);
	}
}

int log_fd(void)
{
	return sink.fd;
}

void log_on_lost(void (*lost)(void))
{
	sink.lost = lost;
}

int log_facility(const char *name)
{
	static const struct {
		const char *name;
		int facility;
	} table[] = {
		{ "mail", LOG_MAIL }, { "auth", LOG_AUTH }, { "authpriv", LOG_AUTHPRIV },
		{ "cron", LOG_CRON }, { "daemon", LOG_DAEMON }, { "ftp", LOG_FTP },
		{ "kern", LOG_KERN }, { "lpr", LOG_LPR }, { "news", LOG_NEWS },
		{ "syslog", LOG_SYSLOG }, { "user", LOG_USER }, { "uucp", LOG_UUCP },
		{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 },
		{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 },
		{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].facility;
	return LOG_MAIL;
}

void log_set_verbose(int level)
{
	sink.verbose = level;
}

void log_at(enum log_level level, const struct log_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(level, ctx, fmt, ap);
	va_end(ap);
}

void log_err(const struct log_ctx *ctx, const struct err *err, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_at(LOG_LEVEL_WARNING, ctx, "%s: %s", text, err->text);
}

void log_set_fatal_status(int status)
{
	sink.fatal_status = status;
}

void log_fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(LOG_LEVEL_FATAL, NULL, fmt, ap);
	va_end(ap);
	log_flush();
	exit(sink.fatal_status != 0 ? sink.fatal_status : 1);
}
