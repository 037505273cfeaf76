/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "cleanup/expand.h"
#include "cleanup/leftovers.h"
#include "lib/daemon/peer.h"
#include "lib/sys/crc.h"

enum { QUEUES = 1 << QUEUE_INCOMING | 1 << QUEUE_ACTIVE | 1 << QUEUE_HOLD };

static const char content[] = "Subject: x\n\nhello\n";

static char root[64];
static struct loop *loop;
static struct queue_spool spool;
static struct sync_pool *pool;
static struct cleanup c;
static struct conf *conf;
static struct arena conf_arena;
static struct expander *expander;
static struct ipc_chan client, qmgr_far;
static struct peer qmgr;
static struct {
	unsigned n_opened, n_done, n_new, n_intake, n_moves;
	int file;
	char id[QUEUE_ID_SIZE], new_id[QUEUE_ID_SIZE], tail[1000];
	unsigned code, queue;
	char dsn[16], text[200];
} seen;

/* --- the client's and qmgr's sides --- */

static enum rc see_opened(struct ipc_chan *ch, struct ipc_reader *r)
{
	struct cleanup_opened m;

	(void)ch;
	assert_int_equal(cleanup_opened_get(r, &m), RC_OK);
	seen.n_opened++;
	if (seen.file >= 0)
		close(seen.file);
	seen.file = m.file;
	snprintf(seen.id, sizeof(seen.id), "%.*s", SLICE_ARG(m.queue_id));
	return RC_OK;
}

static enum rc see_done(struct ipc_chan *ch, struct ipc_reader *r)
{
	struct cleanup_done m;

	(void)ch;
	assert_int_equal(cleanup_done_get(r, &m), RC_OK);
	seen.n_done++;
	seen.code = m.code;
	snprintf(seen.dsn, sizeof(seen.dsn), "%.*s", SLICE_ARG(m.dsn));
	snprintf(seen.text, sizeof(seen.text), "%.*s", SLICE_ARG(m.text));
	return RC_OK;
}

static enum rc see_intake(struct ipc_chan *ch, struct ipc_reader *r)
{
	struct qmgr_intake m;

	(void)ch;
	assert_int_equal(qmgr_intake_get(r, &m), RC_OK);
	seen.n_intake++;
	return RC_OK;
}

static enum rc see_new(struct ipc_chan *ch, struct ipc_reader *r)
{
	struct qmgr_new m;

	(void)ch;
	assert_int_equal(qmgr_new_get(r, &m), RC_OK);
	seen.n_new++;
	seen.queue = m.queue;
	snprintf(seen.new_id, sizeof(seen.new_id), "%.*s", SLICE_ARG(m.queue_id));
	snprintf(seen.tail, sizeof(seen.tail), "%.*s", SLICE_ARG(m.tail));
	return RC_OK;
}

static enum rc see_move(struct ipc_chan *ch, struct ipc_reader *r)
{
	struct cleanup_move m;

	(void)ch;
	assert_int_equal(cleanup_move_get(r, &m), RC_OK);
	seen.n_moves++;
	return RC_OK;
}

static const struct ipc_handler client_handlers[] = {
	{ cleanup_opened_type, 0, see_opened }, { cleanup_done_type, 0, see_done },
	{ cleanup_move_type, 0, see_move },
};
static const struct ipc_handler qmgr_handlers[] = {
	{ qmgr_intake_type, 0, see_intake }, { qmgr_new_type, 0, see_new },
};

static void settle(void)
{
	for (int i = 0; i < 20; i++)
		loop_turn(loop, 0);
}

/* The pool's threads answer when they have; give them time. */
static void settle_until(const unsigned *count, unsigned want)
{
	for (int i = 0; i < 5000 && *count < want; i++)
		loop_turn(loop, 2);
	assert_int_equal(*count, want);
	settle();
}

static void client_comes(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	cleanup_accept(&c, fds[0]);
	ipc_chan_done(&client);
	ipc_chan_init(&client, loop, fds[1], &cleanup_proto, client_handlers,
		      N_OF(client_handlers), NULL, NULL);
	settle();
}

static void qmgr_closed(struct ipc_chan *ch, const struct err *why)
{
	(void)ch;
	(void)why;
	intake_down(&c);
}

static void qmgr_comes(uint32_t credit)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	qmgr.owner = &c;
	ipc_chan_init(&qmgr.chan, loop, fds[0], &qmgr_proto, intake_handlers, intake_n_handlers,
		      qmgr_closed, &qmgr);
	ipc_chan_done(&qmgr_far);
	ipc_chan_init(&qmgr_far, loop, fds[1], &qmgr_proto, qmgr_handlers, N_OF(qmgr_handlers),
		      NULL, NULL);
	intake_up(&c, &qmgr.chan);
	if (credit > 0)
		qmgr_credit_send(&qmgr_far, &(struct qmgr_credit){ .more = credit });
	settle();
}

/* --- the world --- */

static const char main_cf[] =
	"compatibility_level = 3.6\n"
	"myhostname = mx.example.net\n"
	"mydomain = example.net\n"
	"myorigin = example.net\n"
	"mydestination = example.net\n"
	"recipient_delimiter = +\n"
	"mynetworks = 127.0.0.0/8\n"
	"local_recipient_maps =\n"
	"sender_canonical_maps = inline:{ al@example.net=alice@example.net }\n"
	"virtual_alias_maps = inline:{ {list@example.net=a@x, b@x, a@x}, {self@example.net = "
	"self@example.net, c@x}, one@example.net=d@x }\n";

static int open_world(const char *more)
{
	static const struct cleanup_policy policy = { .message_size_limit = 1000,
						      .hopcount_limit = 5 };
	struct faults faults;
	struct err err = { 0 };
	char path[128], text[4096];

	memset(&seen, 0, sizeof(seen));
	seen.file = -1;
	snprintf(root, sizeof(root), "/tmp/h-queue-cleanup-XXXXXX");
	assert_non_null(mkdtemp(root));
	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		snprintf(path, sizeof(path), "%s/%s", root, queue_name_str(q));
		assert_int_equal(mkdir(path, 0700), 0);
	}
	assert_int_equal(queue_spool_open(&spool, root, QUEUES, "", 0, &err), RC_OK);
	arena_init(&conf_arena, 1 << 24);
	faults_init(&faults, &conf_arena);
	conf = conf_new("/nowhere");
	snprintf(text, sizeof(text), "%s%s", main_cf, more);
	conf_parse(conf, "main.cf", slice_str(text), &faults);
	expander = expander_open(conf, &conf_arena, &faults);
	if (faults.fatal_count > 0)
		fail_msg("%s", faults.first->text);
	loop = loop_new();
	assert_int_equal(sync_pool_new(loop, &spool, 4, &pool, &err), RC_OK);
	cleanup_init(&c, loop, &spool, pool, expander, &policy, false, 1);
	client_comes();
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return open_world("");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/incoming", root);
	(void)umount2(path, MNT_DETACH);	/* of test_full_disk */
	ipc_chan_done(&client);
	ipc_chan_done(&qmgr.chan);
	ipc_chan_done(&qmgr_far);
	sync_pool_free(&pool);
	cleanup_done(&c);
	loop_turn(loop, 0);
	loop_free(&loop);
	expander_close(expander);
	conf_free(&conf);
	arena_done(&conf_arena);
	queue_spool_close(&spool);
	if (seen.file >= 0)
		close(seen.file);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static size_t count(enum queue_name q)
{
	struct queue_scan scan;
	struct queue_id id;
	size_t n = 0;

	assert_int_equal(queue_scan_init(&scan, &spool, q, NULL), RC_OK);
	while (queue_scan_next(&scan, &id))
		n++;
	queue_scan_done(&scan);
	return n;
}

static void open_txn(uint32_t id, uint32_t flags)
{
	unsigned n = seen.n_opened;

	cleanup_open_send(&client, &(struct cleanup_open){ .id = id, .flags = flags });
	settle_until(&seen.n_opened, n + 1);
}

static void send_mail(uint32_t id, const char *sender)
{
	cleanup_mail_send(&client, &(struct cleanup_mail){
		.id = id, .sender = slice_str(sender), .encoding = 8,
		.client_name = SLICE_LIT("mail.example"), .client_addr = SLICE_LIT("192.0.2.1"),
		.message_id = SLICE_LIT("<1\t@\x01>") });
}

static void send_rcpt(uint32_t id, const char *address, unsigned notify)
{
	cleanup_rcpt_send(&client, &(struct cleanup_rcpt){
		.id = id, .address = slice_str(address), .notify = (uint8_t)notify });
}

static void commit(uint32_t id, int64_t bytes, unsigned hops)
{
	cleanup_commit_send(&client, &(struct cleanup_commit){
		.id = id, .content_bytes = bytes, .content_crc = crc32c(0, slice_str(content)),
		.hops = (uint16_t)hops });
}

/* One whole message; the answer's code. */
static unsigned post(uint32_t flags, const char *sender, const char *rcpts)
{
	struct slice rest = slice_str(rcpts), word;
	unsigned n = seen.n_done;
	char room[200];

	open_txn(1, flags);
	assert_int_equal(write(seen.file, content, strlen(content)), strlen(content));
	send_mail(1, sender);
	while (slice_token(&rest, " ", &word)) {
		assert_true(slice_to_cstr(word, room, sizeof(room)));
		send_rcpt(1, room, 0);
	}
	commit(1, (int64_t)strlen(content), 0);
	settle_until(&seen.n_done, n + 1);
	return seen.code;
}

/* "from|to to(original) ..." of the file, or why it cannot be loaded. */
static const char *envelope(enum queue_name q, const char *id)
{
	static char text[2000];
	struct queue_envelope e;
	struct queue_id qid;
	struct arena a;
	struct buf tail;
	size_t n;
	enum rc rc;
	int fd;

	assert_int_equal(queue_id_parse(slice_str(id), &qid), RC_OK);
	if (queue_open(&spool, q, &qid, O_RDONLY, &fd, NULL) != RC_OK)
		return "none";
	arena_init(&a, 1 << 24);
	buf_init(&tail, QUEUE_TAIL_MAX);
	rc = queue_file_load(fd, &tail, &a, &e, NULL);
	if (rc == RC_OK)
		rc = queue_file_verify(fd, &e, NULL);
	if (rc != RC_OK) {
		snprintf(text, sizeof(text), "%s", rc_name(rc));
	} else {
		n = (size_t)snprintf(text, sizeof(text), "%.*s|", SLICE_ARG(e.sender));
		for (size_t i = 0; i < e.n_rcpts; i++) {
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s",
					      SLICE_ARG(e.rcpts[i].address));
			if (e.rcpts[i].original.n > 0)
				n += (size_t)snprintf(text + n, sizeof(text) - n, "(%.*s)",
						      SLICE_ARG(e.rcpts[i].original));
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
					      i + 1 < e.n_rcpts ? " " : "");
		}
	}
	close(fd);
	arena_done(&a);
	buf_done(&tail);
	return text;
}

static void test_accept(void **state)
{
	(void)state;
	assert_int_equal(post(0, "alice@x", "bob@y"), 250);
	assert_string_equal(envelope(QUEUE_INCOMING, seen.id), "alice@x|bob@y");
	assert_int_equal(seen.n_new, 0);
	qmgr_comes(2);
	assert_int_equal(seen.n_intake, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(post(0, "", "bob@y"), 250);
		assert_int_equal(seen.n_new, i + 1);
		assert_string_equal(seen.new_id, seen.id);
		assert_int_equal(seen.queue, i < 2 ? QUEUE_ACTIVE : QUEUE_INCOMING);
		assert_string_equal(envelope((enum queue_name)seen.queue, seen.id), "|bob@y");
		assert_non_null(strstr(seen.tail, "client_name mail.example\n"));
		assert_non_null(strstr(seen.tail, "flags 8bit\n"));
	}
	assert_int_equal(post(CLEANUP_FLAG_HOLD, "alice@x", "bob@y"), 250);
	assert_string_equal(envelope(QUEUE_HOLD, seen.id), "alice@x|bob@y");
	assert_int_equal(seen.n_new, 3);
	assert_int_equal(c.n_txns, 0);
}

static void test_addresses(void **state)
{
	static const struct {
		uint32_t flags;
		const char *sender, *rcpts, *want;
	} cases[] = {
		{ 0, "al@example.net", "one@example.net", "alice@example.net|d@x(one@example.net)" },
		{ 0, "al", "x", "alice@example.net|x@example.net(x)" },
		{ 0, "", "list@example.net",
		  "|a@x(list@example.net) b@x(list@example.net)" },
		{ 0, "", "self@example.net", "|self@example.net c@x(self@example.net)" },
		{ 0, "", "one+ext@example.net", "|d+ext@x(one+ext@example.net)" },
		{ 0, "", "b@y b@y c@y b@y", "|b@y c@y" },
		{ 0, "", "d@x one@example.net", "|d@x d@x(one@example.net)" },
		{ CLEANUP_FLAG_NO_MAPS, "al@example.net", "one@example.net list",
		  "al@example.net|one@example.net list@example.net(list)" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_int_equal(post(cases[i].flags, cases[i].sender, cases[i].rcpts), 250);
		if (strcmp(envelope(QUEUE_INCOMING, seen.id), cases[i].want) != 0)
			fail_msg("case %zu: %s", i, envelope(QUEUE_INCOMING, seen.id));
	}
}

static int setup_bcc(void **state)
{
	(void)state;
	return open_world("always_bcc = archive\n"
			  "sender_bcc_maps = inline:{ boss@x=copy@x }\n"
			  "recipient_bcc_maps = inline:{ @y=watch@x }\n");
}

static void test_bcc(void **state)
{
	(void)state;
	assert_int_equal(post(0, "boss@x", "b@y"), 250);
	assert_string_equal(envelope(QUEUE_INCOMING, seen.id),
			    "boss@x|b@y watch@x copy@x archive@example.net(archive)");
	assert_int_equal(post(CLEANUP_FLAG_NO_BCC, "boss@x", "b@y"), 250);
	assert_string_equal(envelope(QUEUE_INCOMING, seen.id), "boss@x|b@y");
}

static int setup_broken(void **state)
{
	(void)state;
	return open_world("virtual_alias_maps = inline:{ a@example.net=a@example.net, "
			  "{ l1@example.net = l2@example.net, l3@example.net } "
			  "{ l2@example.net = l4@example.net, l5@example.net } }\n"
			  "virtual_alias_expansion_limit = 2\n");
}

static void test_unreasonable_alias(void **state)
{
	(void)state;
	assert_int_equal(post(0, "a@x", "l1@example.net"), 451);
	assert_string_equal(seen.dsn, "4.6.0");
	assert_int_equal(count(QUEUE_INCOMING), 0);
	assert_int_equal(post(0, "a@x", "a@example.net"), 250);
}

static void test_refusals(void **state)
{
	unsigned n;

	(void)state;
	open_txn(5, 0);
	send_mail(5, "a@x");
	send_rcpt(5, "b@y", 0);
	assert_int_equal(write(seen.file, content, 10), 10);
	commit(5, 11, 0);	/* a lie */
	settle_until(&seen.n_done, 1);
	assert_int_equal(seen.code, 451);
	open_txn(5, 0);
	send_mail(5, "a@x");
	send_rcpt(5, "b@y", 0);
	commit(5, 1001, 0);
	settle_until(&seen.n_done, 2);
	assert_int_equal(seen.code, 552);
	assert_string_equal(seen.dsn, "5.3.4");
	open_txn(5, 0);
	send_mail(5, "a@x");
	send_rcpt(5, "b@y", 0);
	commit(5, 0, 6);
	settle_until(&seen.n_done, 3);
	assert_int_equal(seen.code, 554);
	assert_string_equal(seen.dsn, "5.4.0");
	assert_int_equal(count(QUEUE_INCOMING), 0);
	n = seen.n_opened;
	cleanup_abort_send(&client, &(struct cleanup_abort){ .id = 5 });	/* nobody's */
	open_txn(6, 0);
	assert_int_equal(count(QUEUE_INCOMING), 1);
	cleanup_abort_send(&client, &(struct cleanup_abort){ .id = 6 });
	settle();
	assert_int_equal(count(QUEUE_INCOMING), 0);
	assert_int_equal(seen.n_opened, n + 1);
	assert_true(ipc_chan_is_open(&client));
}

/* A credit that was not used is used by the next file, unless qmgr is another one by then. */
static void test_credit_comes_back(void **state)
{
	(void)state;
	qmgr_comes(1);
	open_txn(1, 0);
	assert_int_equal(count(QUEUE_ACTIVE), 1);
	cleanup_abort_send(&client, &(struct cleanup_abort){ .id = 1 });
	settle();
	assert_int_equal(c.credit, 1);
	open_txn(2, 0);
	ipc_chan_done(&qmgr_far);
	settle();
	qmgr_comes(0);
	cleanup_abort_send(&client, &(struct cleanup_abort){ .id = 2 });
	settle();
	assert_int_equal(c.credit, 0);
	assert_int_equal(count(QUEUE_ACTIVE), 0);
}

/* A client that breaks off loses what it has not committed, and nothing else. */
static void test_client_dies(void **state)
{
	char committed[QUEUE_ID_SIZE];

	(void)state;
	qmgr_comes(10);
	open_txn(1, 0);
	open_txn(2, 0);
	snprintf(committed, sizeof(committed), "%s", seen.id);
	assert_int_equal(write(seen.file, content, strlen(content)), strlen(content));
	send_mail(2, "a@x");
	send_rcpt(2, "b@y", 0);
	commit(2, (int64_t)strlen(content), 0);
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	ipc_chan_done(&client);
	settle_until(&seen.n_new, 1);
	assert_string_equal(seen.new_id, committed);
	assert_int_equal(count(QUEUE_ACTIVE), 1);
	for (int i = 0; i < 50 && !list_is_empty(&c.clients); i++)
		loop_turn(loop, 2);
	assert_true(list_is_empty(&c.clients));
	assert_int_equal(c.n_txns, 0);
}

static void test_protocol(void **state)
{
	static const struct {
		const char *what;
		unsigned step;
	} cases[] = {
		{ "rcpt before mail", 0 }, { "commit without rcpt", 1 }, { "mail twice", 2 },
		{ "id in use", 3 }, { "newline in sender", 4 }, { "NUL in rcpt", 5 },
		{ "empty rcpt", 6 }, { "bad notify", 7 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		client_comes();
		open_txn(1, 0);
		if (cases[i].step != 0 && cases[i].step != 4)
			send_mail(1, "a@x");
		switch (cases[i].step) {
		case 0: send_rcpt(1, "b@y", 0); break;
		case 1: commit(1, 0, 0); break;
		case 2: send_mail(1, "a@x"); break;
		case 3: cleanup_open_send(&client, &(struct cleanup_open){ .id = 1 }); break;
		case 4: send_mail(1, "a@x\nto b@z"); break;
		case 5:
			cleanup_rcpt_send(&client, &(struct cleanup_rcpt){
				.id = 1, .address = SLICE_LIT("b\0@y") });
			break;
		case 6: send_rcpt(1, "", 0); break;
		default: send_rcpt(1, "b@y", 16);
		}
		settle();
		if (ipc_chan_is_open(&client) || count(QUEUE_INCOMING) != 0)
			fail_msg("%s", cases[i].what);
	}
}

static void test_many_at_once(void **state)
{
	enum { N = 200 };
	char ids[N][QUEUE_ID_SIZE];

	(void)state;
	qmgr_comes(1000);
	for (uint32_t i = 0; i < N; i++) {
		open_txn(i, 0);
		memcpy(ids[i], seen.id, sizeof(ids[i]));
		assert_int_equal(write(seen.file, content, strlen(content)), strlen(content));
		send_mail(i, "a@x");
		send_rcpt(i, "b@y", 0);
	}
	for (uint32_t i = 0; i < N; i++)
		commit(i, (int64_t)strlen(content), 0);
	settle_until(&seen.n_done, N);
	assert_int_equal(seen.n_new, N);
	for (uint32_t i = 0; i < N; i++)
		assert_string_equal(envelope(QUEUE_ACTIVE, ids[i]), "a@x|b@y");
}

static void test_large_envelope(void **state)
{
	char to[40];

	(void)state;
	qmgr_comes(10);
	open_txn(1, 0);
	send_mail(1, "a@x");
	for (int i = 0; i < 3000; i++) {
		snprintf(to, sizeof(to), "user%d@example.org", i);
		send_rcpt(1, to, 0);
		if (i % 100 == 0)
			settle();
	}
	commit(1, 0, 0);
	settle_until(&seen.n_done, 1);
	assert_int_equal(seen.code, 250);
	assert_int_equal(seen.n_new, 1);
	assert_string_equal(seen.tail, "");	/* qmgr reads the file */
}

/* Every file size limit below what a message takes: 452 or 451, no file left, the next is fine. */
static void test_write_fails(void **state)
{
	struct rlimit old, small;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = strlen(content) + 10;	/* the tail does not fit */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(post(0, "a@x", "b@y"), 451);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(count(QUEUE_INCOMING), 0);
	assert_int_equal(post(0, "a@x", "b@y"), 250);
}

static void test_full_disk(void **state)
{
	char path[128], block[4096] = { 0 };
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/incoming", root);
	if (mount("tmpfs", path, "tmpfs", 0, "size=64k") != 0)
		skip();
	queue_spool_close(&spool);
	assert_int_equal(queue_spool_open(&spool, root, QUEUES, "", 0, NULL), RC_OK);
	c.policy.message_size_limit = 100000;	/* 1.5 times that is not free */
	cleanup_open_send(&client, &(struct cleanup_open){ .id = 1 });
	settle_until(&seen.n_done, 1);
	assert_int_equal(seen.code, 452);
	c.policy.message_size_limit = 100;
	c.space_checked_ms = INT64_MIN / 2;
	assert_int_equal(post(0, "a@x", "b@y"), 250);
	open_txn(1, 0);
	snprintf(path, sizeof(path), "%s/incoming/filler", root);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
	send_mail(1, "a@x");
	send_rcpt(1, "b@y", 0);
	commit(1, 0, 0);
	settle_until(&seen.n_done, 3);
	assert_int_equal(seen.code, 452);
	assert_int_equal(count(QUEUE_INCOMING), 1);	/* what was accepted stays */
	close(seen.file);
	seen.file = -1;
	snprintf(path, sizeof(path), "%s/incoming", root);
	assert_int_equal(mount("tmpfs", path, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=64k"), 0);
	c.space_checked_ms = loop_now_ms(loop) + 100000;	/* as if there were room */
	c.has_space = true;
	cleanup_open_send(&client, &(struct cleanup_open){ .id = 9 });
	settle_until(&seen.n_done, 4);
	assert_int_equal(seen.code, 452);
	assert_int_equal(count(QUEUE_INCOMING), 1);
}

static void test_drain(void **state)
{
	(void)state;
	open_txn(1, 0);
	cleanup_drain(&c);
	settle_until(&seen.n_moves, 1);
	open_txn(2, 0);		/* a client that has not moved yet loses nothing */
	send_mail(1, "a@x");
	send_rcpt(1, "b@y", 0);
	commit(1, 0, 0);
	settle_until(&seen.n_done, 1);
	assert_int_equal(seen.code, 250);
	assert_true(ipc_chan_is_open(&client));
	send_mail(2, "a@x");
	send_rcpt(2, "b@y", 0);
	commit(2, 0, 0);
	settle_until(&seen.n_done, 2);
	assert_int_equal(seen.code, 250);
	assert_false(ipc_chan_is_open(&client));
	assert_true(list_is_empty(&c.clients));
}

/* Another cleanup's lock, as seen from here: of its own open file. */
static bool is_locked(const char *path, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR);
	bool is = fcntl(fd, F_OFD_SETLK, &l) != 0;

	close(fd);
	return is;
}

/* Unfinished files of a dead cleanup go, those of a living transaction and complete ones stay. */
static void test_leftovers(void **state)
{
	struct queue_id dead, complete;
	struct flock shared = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct leftovers l;
	char path[128];
	int fd, own, other;

	(void)state;
	queue_id_short(1, &dead);
	queue_id_short(2, &complete);
	assert_int_equal(queue_create(&spool, QUEUE_ACTIVE, &dead, &fd, NULL), RC_OK);
	close(fd);
	assert_int_equal(queue_create(&spool, QUEUE_ACTIVE, &complete, &fd, NULL), RC_OK);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	open_txn(1, 0);
	snprintf(path, sizeof(path), "%s/lock", root);
	own = open(path, O_RDWR | O_CREAT, 0600);
	other = open(path, O_RDWR);
	/* one that drains lives: its files look like those of the dead */
	assert_int_equal(fcntl(other, F_OFD_SETLK, &shared), 0);
	leftovers_start(&l, &c, own);
	settle();
	assert_int_equal(count(QUEUE_ACTIVE), 2);
	close(other);
	assert_true(is_locked(path, F_WRLCK));	/* a failed try has not given it up */
	leftovers_stop(&l);
	leftovers_start(&l, &c, own);
	settle();
	assert_int_equal(count(QUEUE_ACTIVE), 1);
	assert_int_equal(count(QUEUE_INCOMING), 1);
	assert_int_equal(queue_open(&spool, QUEUE_ACTIVE, &complete, O_RDONLY, &fd, NULL), RC_OK);
	close(fd);
	assert_false(is_locked(path, F_RDLCK));	/* a successor need not wait for us ... */
	assert_true(is_locked(path, F_WRLCK));	/* ... but is not alone */
	leftovers_stop(&l);
	close(own);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_accept), T(test_addresses),
		cmocka_unit_test_setup_teardown(test_bcc, setup_bcc, teardown),
		cmocka_unit_test_setup_teardown(test_unreasonable_alias, setup_broken, teardown),
		T(test_refusals), T(test_credit_comes_back), T(test_client_dies),
		T(test_protocol), T(test_many_at_once), T(test_large_envelope),
		T(test_write_fails), T(test_full_disk), T(test_drain), T(test_leftovers),
	};

	return cmocka_run_group_tests_name("cleanup", tests, NULL, NULL);
}
