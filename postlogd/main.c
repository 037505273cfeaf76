/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/daemon/daemon.h"
#include "lib/sys/log.h"
#include "postlogd/line.h"
#include "postlogd/order.h"

#define PARAMS_STRUCT postlogd_params
#define PARAMS_FILE "postlogd/params.def"
#include "lib/conf/param_struct.h"

#define PARAMS_STRUCT postlogd_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"

enum { BATCH = 16, OUT_MAX = 16 << 20, HELD_MAX = 4 << 20, REST_US = 10000,
       NS_PER_S = 1000000000 };

static struct postlogd_params params;

/* The one log file, and what is about to be written to it. */
struct logger {
	struct daemon *daemon;
	struct io dgram;
	struct list writers;
	struct order order;
	struct buf out;
	struct line_head head;
	const char *hostname;
	char (*packets)[LOG_PACKET_MAX];
	struct task flush;
	size_t n_writers;
	int fd;
	bool is_failing, has_dgram;
};

/* A process whose lines come over a connection. */
struct writer {
	struct io io;
	struct list link;
	struct task gone;
	struct logger *logger;
};

/* The file */

static bool is_below(const char *file, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(file, prefix, n) == 0 && (file[n] == '\0' || file[n] == '/' ||
						 (n > 0 && prefix[n - 1] == '/'));
}

static bool is_allowed(const char *file)
{
	for (size_t i = 0; i < params.maillog_file_prefixes.n; i++)
		if (is_below(file, params.maillog_file_prefixes.v[i]))
			return strstr(file, "/../") == NULL;
	return false;
}

/* Descriptor 1 is what the suite in the foreground got as its output; a socket or pipe there
 * cannot be opened by name. */
static int open_file(const char *file, mode_t mode)
{
	if (strcmp(file, "/dev/stdout") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
}

static void prepare(struct daemon *d, struct faults *faults)
{
	struct logger *l = mem_new(1, sizeof(*l));
	struct postlogd_base_params base;
	uint64_t mode = 0;

	params_load(postlogd_base_params_specs, postlogd_base_params_count, daemon_conf(d),
		    daemon_arena(d), &base, faults);
	l->hostname = base.myhostname;
	daemon_set_user(d, l);
	l->daemon = d;
	l->fd = -1;
	if (params.maillog_file[0] == '\0')
		return;		/* syslog has the log; nobody will ask us */
	if (num_octal(slice_str(params.maillog_file_permissions), 0777, &mode) != RC_OK)
		faults_add(faults, true, "main.cf", 0, "write 0600, 0640 or 0644",
			   "maillog_file_permissions: bad value \"%s\"",
			   params.maillog_file_permissions);
	else if (!is_allowed(params.maillog_file))
		faults_add(faults, true, "main.cf", 0, "add its directory there",
			   "maillog_file: %s is not below one of maillog_file_prefixes",
			   params.maillog_file);
	else if ((l->fd = open_file(params.maillog_file, (mode_t)mode)) < 0)
		faults_add(faults, true, "main.cf", 0, "name a file that can be made and written",
			   "maillog_file: %s: %s", params.maillog_file, strerror(errno));
}

/* What cannot be written is gone; say so once where somebody may see it. */
static void flush(struct logger *l)
{
	struct slice s = buf_slice(&l->out);

	while (s.n > 0 && l->fd >= 0) {
		ssize_t n = write(l->fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (!l->is_failing)
				log_error(NULL, "%s: %s", params.maillog_file, strerror(errno));
			l->is_failing = true;
			break;
		}
		l->is_failing = false;
		s = slice_skip(s, (size_t)n);
	}
	buf_reset(&l->out);
}

/* Packets: of our processes several lines, of others one whatever is in it. */

static void add_lines(void *ctx, const struct order_packet *p)
{
	struct logger *l = ctx;
	struct slice packet = slice_make(p->text, p->n), line;
	time_t when = p->sent_ns / NS_PER_S;

	if (!p->is_ours)
		line_add(&l->out, &l->head, when, packet);
	while (p->is_ours && slice_split(&packet, '\n', &line))
		line_add(&l->out, &l->head, when, line);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* When the packet was sent, by the kernel's stamp. */
static int64_t stamp_of(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec t;

	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return now_ns();
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static void want_stamps(int fd)
{
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){ 1 }, sizeof(int));
}

/* Up to BATCH of them, which were sent not after LATEST_NS; their number, 0 at the end of a
 * connection, -1 with errno. */
static int receive(struct logger *l, int fd, bool is_ours, int64_t latest_ns)
{
	char control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	int n;

	memset(m, 0, sizeof(m));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ l->packets[i], LOG_PACKET_MAX };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1,
						.msg_control = control[i],
						.msg_controllen = sizeof(control[i]) };
	}
	n = recvmmsg(fd, m, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		int64_t sent_ns = stamp_of(&m[i].msg_hdr);

		if (m[i].msg_len == 0)
			return i;
		order_add(&l->order, sent_ns < latest_ns ? sent_ns : latest_ns, is_ours,
			  slice_make(l->packets[i], m[i].msg_len));
	}
	return n;
}

/* All there is on one descriptor. False: it is at its end. */
static bool drain(struct logger *l, int fd, bool is_ours, int64_t latest_ns)
{
	int n;

	do
		n = receive(l, fd, is_ours, latest_ns);
	while (n == BATCH && l->order.bytes < HELD_MAX);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void free_writer(struct task *t)
{
	free(LIST_ENTRY(t, struct writer, gone));
}

static void end_writer(struct writer *w)
{
	io_stop(&w->io);
	close(w->io.fd);
	list_remove(&w->link);
	w->logger->n_writers--;
	loop_defer(daemon_loop(w->logger->daemon), &w->gone, free_writer);
}

/* Ask everybody, not only who woke us: who was asked first may have spoken last. */
static void gather(struct logger *l)
{
	struct pollfd *p = mem_new(l->n_writers + 1, sizeof(*p));
	size_t n = 0;

	LIST_EACH(node, &l->writers)
		p[n++] = (struct pollfd){ .events = POLLIN,
					  .fd = LIST_ENTRY(node, struct writer, link)->io.fd };
	if (l->has_dgram)
		p[n++] = (struct pollfd){ .events = POLLIN, .fd = l->dgram.fd };
	if (poll(p, n, 0) > 0) {
		n = 0;
		LIST_EACH(node, &l->writers) {
			struct writer *w = LIST_ENTRY(node, struct writer, link);

			if (p[n++].revents != 0 && !drain(l, w->io.fd, true, INT64_MAX))
				end_writer(w);
		}
		if (l->has_dgram && p[n].revents != 0)
			(void)drain(l, l->dgram.fd, false, INT64_MAX);
	}
	free(p);
}

/* One write for all that came in this round; then a rest, in which more gathers: a busy suite
 * wakes this program a hundred times a second, not for each line. What is sent from now on waits
 * for the next round, as not everybody can be asked at once. */
static void on_flush(struct task *t)
{
	struct logger *l = LIST_ENTRY(t, struct logger, flush);
	int64_t horizon = now_ns();

	gather(l);
	order_take(&l->order, l->order.bytes < HELD_MAX ? horizon : INT64_MAX, add_lines, l);
	flush(l);
	if (l->order.n > 0)
		loop_defer(daemon_loop(l->daemon), &l->flush, on_flush);
	if (!daemon_is_draining(l->daemon))
		usleep(REST_US);
}

static void on_ready(struct logger *l)
{
	loop_defer(daemon_loop(l->daemon), &l->flush, on_flush);
}

static void on_dgram(struct io *io, int ready)
{
	(void)ready;
	on_ready(LIST_ENTRY(io, struct logger, dgram));
}

static void on_socket(struct daemon *d, int fd, const struct listener *listener)
{
	struct logger *l = daemon_user(d);

	(void)listener;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	want_stamps(fd);
	l->has_dgram = true;
	io_init(&l->dgram, daemon_loop(d), fd, on_dgram);
	io_want(&l->dgram, IO_READ);
}

static void on_lines(struct io *io, int ready)
{
	(void)ready;
	on_ready(LIST_ENTRY(io, struct writer, io)->logger);
}

static void on_accept(struct daemon *d, int fd, const struct listener *listener)
{
	struct writer *w = mem_new(1, sizeof(*w));

	(void)listener;
	w->logger = daemon_user(d);
	/* What is there already has no stamp of its sending, only of its reading. */
	want_stamps(fd);
	(void)drain(w->logger, fd, true, now_ns());
	on_ready(w->logger);
	task_init(&w->gone);
	list_append(&w->logger->writers, &w->link);
	w->logger->n_writers++;
	io_init(&w->io, daemon_loop(d), fd, on_lines);
	io_want(&w->io, IO_READ);
}

static enum rc start(struct daemon *d, struct err *err)
{
	struct logger *l = daemon_user(d);

	(void)err;
	list_init(&l->writers);
	task_init(&l->flush);
	buf_init(&l->out, OUT_MAX);
	l->packets = mem_new(BATCH, sizeof(*l->packets));
	line_head_init(&l->head, l->hostname);
	return RC_OK;
}

/* A successor writes from now on (perhaps to a new file). What is in the connections is still
 * ours; their owners keep what they say afterwards until they are connected anew. */
static void on_drain(struct daemon *d)
{
	struct logger *l = daemon_user(d);

	LIST_EACH(node, &l->writers) {
		struct writer *w = LIST_ENTRY(node, struct writer, link);

		shutdown(w->io.fd, SHUT_RD);
		(void)drain(l, w->io.fd, true, INT64_MAX);
		end_writer(w);
	}
	order_take(&l->order, INT64_MAX, add_lines, l);
	flush(l);
	if (l->has_dgram)
		io_stop(&l->dgram);
	l->has_dgram = false;
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "postlogd", .params = postlogd_params_specs,
		.n_params = postlogd_params_count, .params_out = &params, .prepare = prepare,
		.start = start, .on_accept = on_accept, .on_socket = on_socket,
		.on_drain = on_drain,
	};

	return daemon_main(argc, argv, &spec);
}
