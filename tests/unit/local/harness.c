/* SPDX-License-Identifier: ISC */
#include "tests/unit/local/harness.h"

#include <dirent.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/ipc/cleanup.h"
#include "lib/ipc/control.h"
#include "lib/ipc/deliver.h"

enum { PATIENCE_MS = 60000 };

static void replace(struct harness *h, const char *text, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (text[0] == '@' && text[1] == '/')
			buf_adds(out, h->dir.path);
		else if (*text == '%')
			buf_adds(out, h->user);
		else
			buf_addc(out, *text);
	}
}

void harness_file(struct harness *h, const char *name, const char *text)
{
	const char *path = tempdir_at(&h->dir, name);
	struct buf b;

	buf_init(&b, 65536);
	replace(h, text, &b);
	tempdir_write(path, buf_slice(&b));
	assert_int_equal(chmod(path, 0644), 0);
	buf_done(&b);
}

static void pick_user(struct harness *h)
{
	struct passwd *pw = geteuid() != 0 ? getpwuid(geteuid()) : getpwnam("games");

	if (pw == NULL)
		pw = getpwnam("nobody");
	assert_non_null(pw);
	snprintf(h->user, sizeof(h->user), "%s", pw->pw_name);
	h->uid = pw->pw_uid;
	h->gid = pw->pw_gid;
}

static int open_listener(struct harness *h)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.80s/socket", h->dir.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static int connect_qmgr(struct harness *h)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.80s/socket", h->dir.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static _Noreturn void run_program(struct harness *h, const char *program, int control, int log,
				  int listener)
{
	char name[16], option_c[] = "-c", option_n[] = "-n";
	char *argv[] = { name, option_c, h->dir.path, option_n, name, NULL };
	int high[3] = { fcntl(control, F_DUPFD, 20), fcntl(log, F_DUPFD, 20),
			fcntl(listener, F_DUPFD, 20) };

	snprintf(name, sizeof(name), "%s", program);
	for (int i = 0; i < 3; i++)
		dup2(high[i], 3 + i);
	close_range(6, ~0U, 0);
	setenv("BUZON_LISTEN", "packet:private/local", 1);
	setenv("BUZON_LOG", "postlog", 1);
	execv("local/local", argv);
	_exit(127);
}

static void write_config(struct harness *h, const char *main_cf)
{
	struct buf b;

	buf_init(&b, 65536);
	buf_adds(&b, "compatibility_level = 3.6\nqueue_directory = @/\ndata_directory = @/\n"
		 "myhostname = host.test\nmydestination = host.test, localhost\n"
		 "myorigin = host.test\n"
		 "mail_owner = daemon\nnet_owner = daemon\nauth_owner = daemon\n"
		 "inet_interfaces = 127.0.0.1\nmynetworks = 127.0.0.0/8\n"
		 "message_size_limit = 1000000\nlocal_recipient_maps =\n");
	buf_adds(&b, main_cf);
	harness_file(h, "main.cf", buf_cstr(&b));
	buf_done(&b);
}

static void make_dirs(struct harness *h)
{
	static const char *const open_to_all[] = { "spool", "open" };

	tempdir_make(&h->dir);
	assert_int_equal(chmod(h->dir.path, 0755), 0);
	for (size_t i = 0; i < N_OF(open_to_all); i++) {
		assert_int_equal(mkdir(tempdir_at(&h->dir, open_to_all[i]), 0777), 0);
		assert_int_equal(chmod(tempdir_at(&h->dir, open_to_all[i]), 01777), 0);
	}
}

static void take_credit(struct harness *h, struct ipc_reader *r)
{
	struct deliver_credit m;

	assert_int_equal(deliver_credit_get(r, &m), RC_OK);
	assert_true(m.more > 0);
	h->credit += m.more;
}

static void recv_any(struct harness *h, struct ipc_reader *out)
{
	struct err err = { 0 };

	if (ipc_sync_recv(h->qmgr, &h->box, out, PATIENCE_MS, &err) != RC_OK)
		fail_msg("no answer: %s", err.text);
	if (out->type == deliver_credit_type)
		take_credit(h, out);
}

void harness_recv(struct harness *h, struct ipc_reader *out)
{
	do
		recv_any(h, out);
	while (out->type == deliver_credit_type);
}

void harness_start(struct harness *h, const char *program, const char *main_cf,
		   const char *table)
{
	int control[2], log[2], listener;
	struct err err = { 0 };
	struct ipc_reader r;

	*h = (struct harness){ .cleanup = -1 };
	pick_user(h);
	make_dirs(h);
	write_config(h, main_cf);
	harness_file(h, "table", table);
	listener = open_listener(h);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, log), 0);
	h->control = control[0];
	h->log = log[0];
	h->pid = fork();
	assert_true(h->pid >= 0);
	if (h->pid == 0)
		run_program(h, program, control[1], log[1], listener);
	close(control[1]);
	close(log[1]);
	close(listener);
	if (ipc_sync_hello(h->control, &control_proto, PATIENCE_MS, &err) != RC_OK ||
	    ipc_sync_recv(h->control, &h->box, &r, PATIENCE_MS, &err) != RC_OK ||
	    r.type != control_ready_type)
		harness_log(h, "the program does not start: see above");
	h->qmgr = connect_qmgr(h);
	if (ipc_sync_hello(h->qmgr, &deliver_proto, PATIENCE_MS, &err) != RC_OK ||
	    ipc_sync_recv(h->qmgr, &h->box, &r, PATIENCE_MS, &err) != RC_OK ||
	    r.type != deliver_credit_type)
		fail_msg("no credit: %s", err.text);
	take_credit(h, &r);
}

void harness_stop(struct harness *h)
{
	int status;

	close(h->control);
	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(h->log);
	close(h->qmgr);
	if (h->cleanup >= 0)
		close(h->cleanup);
	tempdir_drop(&h->dir);
}

uint32_t harness_send(struct harness *h, const char *sender, const char *address,
		      const char *content, bool verify)
{
	struct err err = { 0 };
	struct message msg;
	struct deliver m = { .id = ++h->next_id, .transport = SLICE_LIT("local"),
			     .queue_id = SLICE_LIT("4A1B2C3D4E5"), .sender = slice_str(sender),
			     .arrival_us = 1000000, .active_us = 1000000, .verify = verify,
			     .client_addr = SLICE_LIT("192.0.2.1") };
	struct deliver_rcpt rcpt = { .id = m.id, .address = slice_str(address), .last = true };

	tempdir_message(&h->dir, slice_str(content), "", &msg);
	assert_int_equal(unlink(tempdir_at(&h->dir, "queuefile")), 0);
	while (h->credit == 0) {
		struct ipc_reader r;

		recv_any(h, &r);
		assert_int_equal(r.type, deliver_credit_type);
	}
	h->credit--;
	m.file = msg.fd;
	m.content_offset = msg.offset;
	m.content_bytes = (int64_t)msg.bytes;
	m.content_crc = msg.crc;
	assert_int_equal(deliver_sync(h->qmgr, &m, &err), RC_OK);
	assert_int_equal(deliver_rcpt_sync(h->qmgr, &rcpt, &err), RC_OK);
	return m.id;
}

static void take_failed(struct ipc_reader *r, struct harness_result *out)
{
	struct deliver_failed m;

	assert_int_equal(deliver_failed_get(r, &m), RC_OK);
	out->n_failed++;
	snprintf(out->failed_text, sizeof(out->failed_text), "%.*s", SLICE_ARG(m.text));
}

void harness_wait(struct harness *h, uint32_t id, struct harness_result *out)
{
	struct deliver_result m;
	struct ipc_reader r;

	*out = (struct harness_result){ 0 };
	for (;;) {
		harness_recv(h, &r);
		if (r.type == deliver_failed_type) {
			take_failed(&r, out);
			continue;
		}
		assert_int_equal(r.type, deliver_result_type);
		assert_int_equal(deliver_result_get(&r, &m), RC_OK);
		assert_int_equal(m.id, id);
		out->status = m.status;
		snprintf(out->dsn, sizeof(out->dsn), "%.*s", SLICE_ARG(m.dsn));
		snprintf(out->text, sizeof(out->text), "%.*s", SLICE_ARG(m.text));
		snprintf(out->action, sizeof(out->action), "%.*s", SLICE_ARG(m.action));
		return;
	}
}

void harness_deliver(struct harness *h, const char *sender, const char *address,
		     const char *content, struct harness_result *out)
{
	harness_wait(h, harness_send(h, sender, address, content, false), out);
}

void harness_drain(struct harness *h)
{
	struct control_drain drain = {};
	struct err err = { 0 };
	struct ipc_reader r;

	do
		assert_int_equal(ipc_sync_recv(h->control, &h->box, &r, PATIENCE_MS, &err), RC_OK);
	while (r.type != control_replace_me_type);
	assert_int_equal(control_drain_sync(h->control, &drain, &err), RC_OK);
}

/* --- cleanup --- */

static void connect_cleanup(struct harness *h)
{
	struct control_connect m;
	struct err err = { 0 };
	struct ipc_reader r;
	int fds[2];

	assert_int_equal(ipc_sync_recv(h->control, &h->box, &r, PATIENCE_MS, &err), RC_OK);
	while (r.type == control_load_type)
		assert_int_equal(ipc_sync_recv(h->control, &h->box, &r, PATIENCE_MS, &err), RC_OK);
	assert_int_equal(r.type, control_connect_type);
	assert_int_equal(control_connect_get(&r, &m), RC_OK);
	assert_true(slice_is(m.service, "cleanup"));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(control_connected_sync(h->control, &(struct control_connected){
		.id = m.id, .fd = fds[1] }, &err), RC_OK);
	h->cleanup = fds[0];
	assert_int_equal(ipc_sync_hello(h->cleanup, &cleanup_proto, PATIENCE_MS, &err), RC_OK);
}

static void next_message(struct harness *h, struct ipc_reader *r)
{
	struct err err = { 0 };

	if (ipc_sync_recv(h->cleanup, &h->box, r, PATIENCE_MS, &err) != RC_OK)
		fail_msg("nothing for cleanup: %s", err.text);
}

static void take_envelope(struct harness *h, struct buf *out, struct cleanup_commit *commit)
{
	struct cleanup_mail mail;
	struct cleanup_rcpt rcpt;
	struct ipc_reader r;
	bool first = true;

	next_message(h, &r);
	assert_int_equal(cleanup_mail_get(&r, &mail), RC_OK);
	buf_addf(out, "%.*s|", SLICE_ARG(mail.sender));
	for (next_message(h, &r); r.type == cleanup_rcpt_type; next_message(h, &r)) {
		assert_int_equal(cleanup_rcpt_get(&r, &rcpt), RC_OK);
		buf_addf(out, "%s%.*s", first ? "" : " ", SLICE_ARG(rcpt.address));
		first = false;
	}
	buf_addc(out, '|');
	assert_int_equal(r.type, cleanup_commit_type);
	assert_int_equal(cleanup_commit_get(&r, commit), RC_OK);
}

void harness_cleanup(struct harness *h, unsigned code, struct buf *out)
{
	const char *path = tempdir_at(&h->dir, "forwarded");
	struct cleanup_commit commit;
	struct cleanup_open m;
	struct err err = { 0 };
	struct ipc_reader r;
	struct buf content;
	int fd;

	if (h->cleanup < 0)
		connect_cleanup(h);
	next_message(h, &r);
	assert_int_equal(r.type, cleanup_open_type);
	assert_int_equal(cleanup_open_get(&r, &m), RC_OK);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(cleanup_opened_sync(h->cleanup, &(struct cleanup_opened){
		.id = m.id, .queue_id = SLICE_LIT("5B2C3D4E5F6"), .file = fd }, &err), RC_OK);
	take_envelope(h, out, &commit);
	buf_init(&content, 1 << 20);
	tempdir_read(path, &content);
	assert_int_equal(commit.content_bytes, buf_len(&content));
	assert_int_equal(commit.content_crc, crc32c(0, buf_slice(&content)));
	buf_add(out, buf_slice(&content));
	buf_done(&content);
	assert_int_equal(cleanup_done_sync(h->cleanup, &(struct cleanup_done){
		.id = m.id, .code = (uint16_t)code, .dsn = SLICE_LIT("2.0.0"),
		.text = SLICE_LIT("as told"), .queue_id = SLICE_LIT("5B2C3D4E5F6") }, &err), RC_OK);
}

/* One packet holds many lines. */
static bool next_line(struct harness *h, char *line, size_t size)
{
	struct pollfd p = { .fd = h->log, .events = POLLIN };
	struct slice rest = slice_make(h->log_text + h->log_at, h->log_n - h->log_at), one;
	ssize_t n;

	while (rest.n == 0) {
		if (poll(&p, 1, PATIENCE_MS) <= 0 ||
		    (n = recv(h->log, h->log_text, sizeof(h->log_text), 0)) <= 0)
			return false;
		h->log_at = 0;
		h->log_n = (size_t)n;
		rest = slice_make(h->log_text, h->log_n);
	}
	(void)slice_line(&rest, &one);
	h->log_at = h->log_n - rest.n;
	snprintf(line, size, "%.*s", SLICE_ARG(one));
	return true;
}

void harness_log(struct harness *h, const char *text)
{
	struct buf seen;
	char line[8192];

	buf_init(&seen, 1 << 16);
	while (next_line(h, line, sizeof(line))) {
		if (strstr(line, text) != NULL) {
			buf_done(&seen);
			return;
		}
		buf_addf(&seen, "%s\n", line);
	}
	fail_msg("no log line with \"%s\", but:\n%s", text, buf_cstr(&seen));
}
