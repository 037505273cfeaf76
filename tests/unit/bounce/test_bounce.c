/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "bounce/bounce.h"
#include "bounce/template.h"
#include "lib/queue/envelope.h"

static const char *original = "From: alice@example.com\nMessage-Id: <orig@example.com>\n"
			       "Subject: hi\n\nbody line\n";

static struct report_texts texts;
static const struct report_config config = {
	.myhostname = "mx.example.net", .mail_name = "Postfix",
	.size_limit = 50000, .lifetime_ms = 5ll * 86400 * 1000, .texts = &texts,
};

/* --- the text --- */

static const struct report_item item = {
	.address = { "bob smith@example.org", 21 }, .original = { "bobby@example.org", 17 },
	.orcpt = { "rfc822;bobby@example.org", 24 }, .dsn = { "5.1.1", 5 },
	.action = { "failed", 6 }, .remote_mta = { "mail.example.org", 16 },
	.diag_type = { "smtp", 4 },
	.text = { "host mail.example.org[192.0.2.9] said: 550 5.1.1 no such user here "
		  "(in reply to RCPT TO command)", 96 },
};

static const char want_failed[] =
	"Received: by mx.example.net (Postfix)\n"
	"\tid 8045F68C3A1; Tue, 16 Sep 2025 05:20:00 +0000 (UTC)\n"
	"Date: Tue, 16 Sep 2025 05:20:00 +0000 (UTC)\n"
	"From: Mail Delivery System <MAILER-DAEMON@example.net>\n"
	"Subject: Undelivered Mail Returned to Sender\n"
	"To: alice@example.com\n"
	"Auto-Submitted: auto-replied\n"
	"MIME-Version: 1.0\n"
	"Content-Type: multipart/report; report-type=delivery-status;\n"
	"\tboundary=\"8045F68C3A1.1758000000/mx.example.net\"\n"
	"Content-Transfer-Encoding: 7bit\n"
	"Message-Id: <20250916052000.8045F68C3A1@mx.example.net>\n"
	"\n"
	"This is a MIME-encapsulated message.\n"
	"\n--8045F68C3A1.1758000000/mx.example.net\n"
	"Content-Description: Notification\n"
	"Content-Type: text/plain; charset=us-ascii\n"
	"\n"
	"This is the mail system at mx.example.net.\n"
	"\n"
	"Your message could not be delivered to the recipients below, and no further\n"
	"attempt will be made. After each address stands what went wrong; your\n"
	"message is attached.\n"
	"\n"
	"For help, write to postmaster and enclose this report; the attached\n"
	"message need not be enclosed.\n"
	"\n"
	"                   The mail system\n"
	"\n"
	"<\"bob smith\"@example.org> (expanded from <bobby@example.org>): host\n"
	"    mail.example.org[192.0.2.9] said: 550 5.1.1 no such user here (in reply to\n"
	"    RCPT TO command)\n"
	"\n"
	"\n--8045F68C3A1.1758000000/mx.example.net\n"
	"Content-Description: Delivery report\n"
	"Content-Type: message/delivery-status\n"
	"\n"
	"Reporting-MTA: dns; mx.example.net\n"
	"Original-Envelope-Id: QQ314159\n"
	"X-Postfix-Queue-ID: F423F68C3A1\n"
	"X-Postfix-Sender: rfc822; alice@example.com\n"
	"Arrival-Date: Tue, 16 Sep 2025 04:20:00 +0000 (UTC)\n"
	"\n"
	"Final-Recipient: rfc822; \"bob smith\"@example.org\n"
	"Original-Recipient: rfc822;bobby@example.org\n"
	"Action: failed\n"
	"Status: 5.1.1\n"
	"Remote-MTA: dns; mail.example.org\n"
	"Diagnostic-Code: smtp; host mail.example.org[192.0.2.9] said: 550 5.1.1 no such\n"
	"    user here (in reply to RCPT TO command)\n"
	"\n--8045F68C3A1.1758000000/mx.example.net\n"
	"Content-Description: Undelivered Message\n"
	"Content-Type: message/rfc822\n"
	"Content-Transfer-Encoding: 7bit\n"
	"\n"
	"Return-Path: <alice@example.com>\n";

static struct report_mail a_mail(enum report_kind kind)
{
	return (struct report_mail){
		.cfg = &config, .kind = kind, .recipient = SLICE_LIT("alice@example.com"),
		.queue_id = SLICE_LIT("F423F68C3A1"), .report_id = SLICE_LIT("8045F68C3A1"),
		.sender = SLICE_LIT("alice@example.com"), .envid = SLICE_LIT("QQ314159"),
		.arrived_s = 1757996400, .now_s = 1758000000, .content_bytes = 100,
		.items = &item, .n_items = 1,
	};
}

static void compose_head(const struct report_mail *m, struct buf *out)
{
	for (size_t i = 0; i < compose_steps(m); i++)
		compose_step(m, i, out);
}

static void test_failed_text(void **state)
{
	struct report_mail m = a_mail(REPORT_FAILED);
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	compose_head(&m, &b);
	assert_string_equal(buf_cstr(&b), want_failed);
	buf_reset(&b);
	compose_end(&m, &b);
	assert_string_equal(buf_cstr(&b), "\n--8045F68C3A1.1758000000/mx.example.net--\n");
	buf_done(&b);
}

/* --- templates --- */

static struct arena arena;
static const char main_cf[] = "myhostname = mx.example.net\nmyorigin = example.net\n"
			      "delay_warning_time = 4h\nhelpdesk = 555-0101\n";

/* Load TEXT as bounce_template_file (NULL: none); the faults, one a line, in OUT. */
static void load_texts(const char *text, struct report_texts *out, struct buf *faults_out)
{
	struct conf *c = conf_new("/x");
	char path[] = "/tmp/bounce-template-XXXXXX";
	struct faults faults;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	if (text != NULL)
		assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	faults_init(&faults, &arena);
	conf_parse(c, "main.cf", slice_str(main_cf), &faults);
	template_load(c, text != NULL ? path : "", &arena, out, &faults);
	for (const struct fault *f = faults.first; f != NULL; f = f->next) {
		assert_true(f->is_fatal);
		buf_addf(faults_out, "%u:%s\n", f->line, f->text);
	}
	unlink(path);
	conf_free(&c);
}

static int load_builtin(void **state)
{
	struct buf none;

	(void)state;
	arena_init(&arena, 1 << 20);
	buf_init(&none, 1000);
	load_texts(NULL, &texts, &none);
	assert_int_equal(buf_len(&none), 0);
	buf_done(&none);
	return 0;
}

static int drop_builtin(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void test_template(void **state)
{
	static const char file[] =
		"# ours\n\nfailure_template = <<EOF\nCharset: utf-8\nFrom: Post <mailer>\n"
		"Subject: Back\nPostmaster-Subject: Copy\n\n"
		"Gr\303\274\303\237e von $myhostname, $$5.\n\n  Call ${helpdesk}.\nEOF\n"
		"delay_template = <<END of it\nnot a header: \\x\n"
		"$delay_warning_time_minutes min, $maximal_queue_lifetime_weeks w\nEOF\n"
		"END of it\n";
	struct report_mail m = a_mail(REPORT_FAILED);
	struct report_config own = config;
	struct report_texts mine;
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	load_texts(file, &mine, &b);
	assert_string_equal(buf_cstr(&b), "");
	assert_string_equal(mine.of[REPORT_FAILED].words,
			    "Gr\303\274\303\237e von mx.example.net, $5.\n\n  Call 555-0101.\n\n");
	assert_string_equal(mine.of[REPORT_DELAYED].words,
			    "not a header: \\x\n240 min, 0 w\nEOF\n\n");
	assert_string_equal(mine.of[REPORT_DELAYED].subject, texts.of[REPORT_DELAYED].subject);
	assert_string_equal(mine.of[REPORT_ASKED].words, texts.of[REPORT_ASKED].words);
	own.texts = &mine;
	m.cfg = &own;
	compose_head(&m, &b);
	for (const char *const *want = (const char *const[]){
		     "\nFrom: Post <mailer@example.net>\nSubject: Back\nTo: ",
		     "\nContent-Transfer-Encoding: 8bit\nMessage-Id: ",
		     "text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\303", NULL };
	     *want != NULL; want++)
		if (strstr(buf_cstr(&b), *want) == NULL)
			fail_msg("no \"%s\" in:\n%s", *want, buf_cstr(&b));
	m.to_postmaster = true;
	buf_reset(&b);
	compose_head(&m, &b);
	assert_non_null(strstr(buf_cstr(&b), "\nSubject: Copy\n"));
	assert_null(strstr(buf_cstr(&b), "8bit"));
	buf_done(&b);
}

static const struct { const char *file, *want; } broken[] = {
	{ "failure_template\n", "1:not the start of a template: failure_template\n" },
	{ "\nfailure_template = 'EOF'\n",
	  "2:not the start of a template: failure_template = 'EOF'\n" },
	{ "my_template = <<E\nx\nE\n", "1:unknown template: my_template\n" },
	{ "delay_template = <<E\nx\n", "3:no line: E\n" },
	{ "delay_template = <<E\nTo: x\n\ny\nE\n", "2:unknown header: To\n" },
	{ "delay_template = <<E\nSubject: \303\274\n\ny\nE\n",
	  "2:not printable ASCII: Subject\n" },
	{ "delay_template = <<E\n\n\303\274\nE\n", "4:bytes that us-ascii does not have\n" },
	{ "delay_template = <<E\n\n$nosuch\nE\n", "4:undefined parameter: nosuch\n" },
	{ "delay_template = <<E\n\n${x\nE\n", "4:" },
};

static void test_broken_templates(void **state)
{
	struct report_texts mine;
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	for (size_t i = 0; i < N_OF(broken); i++) {
		buf_reset(&b);
		load_texts(broken[i].file, &mine, &b);
		if (strncmp(buf_cstr(&b), broken[i].want, strlen(broken[i].want)) != 0)
			fail_msg("%zu: got \"%s\"", i, buf_cstr(&b));
		assert_string_equal(mine.of[REPORT_DELAYED].words, texts.of[REPORT_DELAYED].words);
	}
	buf_done(&b);
}

static void test_variants(void **state)
{
	static const struct {
		enum report_kind kind;
		enum { SENDER, COPY, CAME_BACK } to;
		bool utf8;
		unsigned ret;
		int64_t bytes;
		const char *has, *lacks;
	} cases[] = {
		{ REPORT_FAILED, SENDER, false, QUEUE_RET_NONE, 50000,
		  "message/rfc822", "rfc822-headers" },
		{ REPORT_FAILED, SENDER, false, QUEUE_RET_NONE, 50001,
		  "text/rfc822-headers", "message/rfc822" },
		{ REPORT_FAILED, SENDER, false, QUEUE_RET_FULL, 50001,
		  "message/rfc822", "rfc822-headers" },
		{ REPORT_FAILED, SENDER, false, QUEUE_RET_HDRS, 1,
		  "Undelivered Message Headers", "message/rfc822" },
		{ REPORT_FAILED, COPY, false, QUEUE_RET_FULL, 1,
		  "Postmaster Copy: Undelivered", "The mail system" },
		{ REPORT_FAILED, COPY, false, QUEUE_RET_FULL, 1,
		  "text/rfc822-headers", "message/rfc822" },
		{ REPORT_FAILED, COPY, false, QUEUE_RET_FULL, 1,
		  "Auto-Submitted: auto-generated", "auto-replied" },
		/* what came back cannot be returned once more: the postmaster has it whole */
		{ REPORT_FAILED, CAME_BACK, false, QUEUE_RET_NONE, 1,
		  "message/rfc822", "text/rfc822-headers" },
		{ REPORT_FAILED, SENDER, true, QUEUE_RET_NONE, 1,
		  "message/global-delivery-status", "us-ascii" },
		{ REPORT_FAILED, SENDER, true, QUEUE_RET_NONE, 1,
		  "Final-Recipient: utf-8;", "rfc822;" },
		{ REPORT_DELAYED, SENDER, false, QUEUE_RET_FULL, 1,
		  "Will-Retry-Until: Sun, 21 Sep 2025", "message/rfc822" },
		{ REPORT_DELAYED, SENDER, false, QUEUE_RET_FULL, 1, "for 5 days", "could not be" },
		{ REPORT_SUCCESS, SENDER, false, QUEUE_RET_NONE, 1,
		  "Successful Mail Delivery Report", "message/rfc822" },
		{ REPORT_ASKED, SENDER, false, QUEUE_RET_NONE, 1,
		  "Mail Delivery Status Report", "Will-Retry" },
	};
	struct report_item plain = item;
	struct buf b;

	(void)state;
	plain.orcpt = plain.original = (struct slice){ 0 };
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct report_mail m = a_mail(cases[i].kind);

		m.items = &plain;
		m.to_postmaster = cases[i].to != SENDER;
		m.is_utf8 = cases[i].utf8;
		m.dsn_ret = cases[i].ret;
		m.content_bytes = cases[i].bytes;
		if (cases[i].to == CAME_BACK)
			m.sender = (struct slice){ 0 };
		buf_init(&b, 100000);
		compose_head(&m, &b);
		if (strstr(buf_cstr(&b), cases[i].has) == NULL ||
		    strstr(buf_cstr(&b), cases[i].lacks) != NULL)
			fail_msg("case %zu:\n%s", i, buf_cstr(&b));
		buf_done(&b);
	}
}

/* --- the service --- */

static struct loop *loop;
static struct bounce b;
static struct ipc_chan asker, cleanup_near, cleanup_far;
static struct {
	unsigned n_done, n_ok;
	char text[256];
	unsigned n_open, n_commit, code, abort_at;
	char sender[128], rcpts[256];
	unsigned encoding;
	int file;
	int64_t bytes;
} seen;

static enum rc see_done(struct ipc_chan *c, struct ipc_reader *r)
{
	struct bounce_done m;

	(void)c;
	assert_int_equal(bounce_done_get(r, &m), RC_OK);
	seen.n_done++;
	seen.n_ok += m.ok;
	snprintf(seen.text, sizeof(seen.text), "%.*s", SLICE_ARG(m.text));
	return RC_OK;
}

static enum rc see_open(struct ipc_chan *c, struct ipc_reader *r)
{
	struct cleanup_open m;

	assert_int_equal(cleanup_open_get(r, &m), RC_OK);
	assert_int_equal(m.flags, CLEANUP_FLAG_BOUNCE | CLEANUP_FLAG_NO_BCC);
	if (seen.file >= 0)
		close(seen.file);
	seen.file = memfd_create("report", MFD_CLOEXEC);
	seen.n_open++;
	cleanup_opened_send(c, &(struct cleanup_opened){ .id = m.id,
		.queue_id = SLICE_LIT("8045F68C3A1"), .file = dup(seen.file) });
	return RC_OK;
}

static enum rc see_mail(struct ipc_chan *c, struct ipc_reader *r)
{
	struct cleanup_mail m;

	(void)c;
	assert_int_equal(cleanup_mail_get(r, &m), RC_OK);
	snprintf(seen.sender, sizeof(seen.sender), "%.*s", SLICE_ARG(m.sender));
	seen.encoding = m.encoding;
	return RC_OK;
}

static enum rc see_rcpt(struct ipc_chan *c, struct ipc_reader *r)
{
	size_t n = strlen(seen.rcpts);
	struct cleanup_rcpt m;

	(void)c;
	assert_int_equal(cleanup_rcpt_get(r, &m), RC_OK);
	snprintf(seen.rcpts + n, sizeof(seen.rcpts) - n, "%.*s;", SLICE_ARG(m.address));
	return RC_OK;
}

static enum rc see_commit(struct ipc_chan *c, struct ipc_reader *r)
{
	struct cleanup_commit m;

	assert_int_equal(cleanup_commit_get(r, &m), RC_OK);
	seen.n_commit++;
	seen.bytes = m.content_bytes;
	cleanup_done_send(c, &(struct cleanup_done){ .id = m.id, .code = (uint16_t)seen.code,
						     .dsn = SLICE_LIT("2.0.0"),
						     .text = SLICE_LIT("because") });
	return RC_OK;
}

static const struct ipc_handler asker_handlers[] = { { bounce_done_type, 0, see_done } };
static const struct ipc_handler far_handlers[] = {
	{ cleanup_open_type, 0, see_open }, { cleanup_mail_type, 0, see_mail },
	{ cleanup_rcpt_type, 0, see_rcpt }, { cleanup_commit_type, 0, see_commit },
};

static enum rc near_opened(struct ipc_chan *c, struct ipc_reader *r)
{
	(void)c;
	return poster_on_opened(&b.poster, r);
}

static enum rc near_done(struct ipc_chan *c, struct ipc_reader *r)
{
	(void)c;
	return poster_on_done(&b.poster, r);
}

static const struct ipc_handler near_handlers[] = {
	{ cleanup_opened_type, 0, near_opened }, { cleanup_done_type, 0, near_done },
};

static void near_closed(struct ipc_chan *c, const struct err *why)
{
	(void)c;
	(void)why;
	bounce_cleanup_down(&b);
}

static void settle(void)
{
	for (int i = 0; i < 40; i++)
		loop_turn(loop, 0);
}

static void cleanup_comes(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	ipc_chan_init(&cleanup_near, loop, fds[0], &cleanup_proto, near_handlers,
		      N_OF(near_handlers), near_closed, NULL);
	ipc_chan_init(&cleanup_far, loop, fds[1], &cleanup_proto, far_handlers,
		      N_OF(far_handlers), NULL, NULL);
	bounce_cleanup_up(&b, &cleanup_near);
	settle();
}

static int setup(void **state)
{
	static const struct bounce_policy policy = {
		.report = { "mx.example.net", "Postfix", 50000, 432000000, &texts },
		.copy_bounces = true, .copy_2bounces = true, .bounce_notice = "pm@example.net",
		.second_bounce_notice = "pm2@example.net", .delay_notice = "pmd@example.net",
		.double_bounce_sender = "double-bounce@example.net", .threaded = true,
		.patience_ms = 5000,
	};
	int fds[2];

	(void)state;
	memset(&seen, 0, sizeof(seen));
	seen.file = -1;
	seen.code = 250;
	loop = loop_new();
	loop_fake_clock(loop, 1758000000);
	bounce_init(&b, loop, &policy);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	bounce_accept(&b, fds[0]);
	ipc_chan_init(&asker, loop, fds[1], &bounce_proto, asker_handlers, N_OF(asker_handlers),
		      NULL, NULL);
	settle();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ipc_chan_done(&asker);
	ipc_chan_done(&cleanup_near);
	ipc_chan_done(&cleanup_far);
	bounce_done_all(&b);
	assert_int_equal(b.n_requests, 0);
	loop_free(&loop);
	if (seen.file >= 0)
		close(seen.file);
	return 0;
}

static void ask(enum report_kind kind, const char *sender, unsigned notify)
{
	int fd = memfd_create("original", MFD_CLOEXEC);

	assert_int_equal(write(fd, original, strlen(original)), strlen(original));
	bounce_report_send(&asker, &(struct bounce_report){
		.id = 7, .kind = (uint8_t)kind, .queue_id = SLICE_LIT("F423F68C3A1"), .file = fd,
		.content_bytes = (int64_t)strlen(original), .arrival_us = 1757996400000000,
		.sender = slice_str(sender), .rcpt_count = 2 });
	bounce_rcpt_send(&asker, &(struct bounce_rcpt){
		.id = 7, .address = SLICE_LIT("b@y"), .notify = (uint8_t)notify,
		.dsn = SLICE_LIT("5.1.1"), .action = SLICE_LIT("failed"),
		.text = SLICE_LIT("unknown") });
	bounce_rcpt_send(&asker, &(struct bounce_rcpt){
		.id = 7, .address = SLICE_LIT("never@y"), .notify = QUEUE_NOTIFY_NEVER,
		.dsn = SLICE_LIT("5.1.1"), .action = SLICE_LIT("failed"),
		.text = SLICE_LIT("unknown") });
	settle();
}

static void test_who_gets_what(void **state)
{
	static const struct {
		enum report_kind kind;
		const char *sender;
		unsigned notify;
		const char *rcpts;
	} cases[] = {
		{ REPORT_FAILED, "alice@x", 0, "alice@x;pm@example.net;" },
		{ REPORT_FAILED, "alice@x", QUEUE_NOTIFY_FAILURE, "alice@x;pm@example.net;" },
		{ REPORT_FAILED, "alice@x", QUEUE_NOTIFY_DELAY, "" },
		{ REPORT_FAILED, "alice@x", QUEUE_NOTIFY_NEVER, "" },
		{ REPORT_FAILED, "", 0, "pm2@example.net;" },
		{ REPORT_FAILED, "Double-Bounce@example.net", 0, "" },
		{ REPORT_DELAYED, "alice@x", 0, "alice@x;" },
		{ REPORT_DELAYED, "alice@x", QUEUE_NOTIFY_FAILURE, "" },
		{ REPORT_DELAYED, "", 0, "" },
		{ REPORT_SUCCESS, "alice@x", 0, "" },
		{ REPORT_SUCCESS, "alice@x", QUEUE_NOTIFY_SUCCESS, "alice@x;" },
	};

	(void)state;
	cleanup_comes();
	for (size_t i = 0; i < N_OF(cases); i++) {
		seen.rcpts[0] = '\0';
		ask(cases[i].kind, cases[i].sender, cases[i].notify);
		assert_int_equal(seen.n_done, i + 1);
		assert_int_equal(seen.n_ok, i + 1);
		if (strcmp(seen.rcpts, cases[i].rcpts) != 0)
			fail_msg("case %zu: %s", i, seen.rcpts);
	}
}

static void test_content(void **state)
{
	char text[8192];
	ssize_t n;

	(void)state;
	b.policy.copy_bounces = false;
	cleanup_comes();
	ask(REPORT_FAILED, "alice@x", 0);
	assert_string_equal(seen.sender, "");
	n = pread(seen.file, text, sizeof(text) - 1, 0);
	assert_int_equal(n, seen.bytes);
	text[n] = '\0';
	assert_non_null(strstr(text, "\nbody line\n\n--8045F68C3A1.1758000000/mx.example.net--\n"));
	assert_non_null(strstr(text, "\nIn-Reply-To: <orig@example.com>\n"));
	assert_non_null(strstr(text, "\n<b@y>: unknown\n"));
	assert_null(strstr(text, "never@y"));
	ask(REPORT_DELAYED, "alice@x", 0);
	n = pread(seen.file, text, sizeof(text) - 1, 0);
	text[n] = '\0';
	assert_null(strstr(text, "body line"));
	assert_non_null(strstr(text, "\nSubject: hi\n"));
}

/* By what is enclosed, not by what was declared. */
static void test_encoding(void **state)
{
	static const struct {
		enum report_kind kind;
		const char *original;
		unsigned n_8bit;
	} cases[] = {
		{ REPORT_FAILED, "Subject: hi\n\nb\303\266dy\n", 2 },
		{ REPORT_FAILED, "Subject: hi\n\nbody\n", 0 },
		{ REPORT_DELAYED, "Subject: h\303\266\n\nbody\n", 2 },
		{ REPORT_DELAYED, "Subject: hi\n\nb\303\266dy\n", 0 },
	};
	static const char line[] = "\nContent-Transfer-Encoding: 8bit\n";
	const char *const before = original;
	char text[8192];

	(void)state;
	b.policy.copy_bounces = false;
	cleanup_comes();
	for (size_t i = 0; i < N_OF(cases); i++) {
		unsigned n_8bit = 0;

		original = cases[i].original;
		ask(cases[i].kind, "alice@x", 0);
		text[pread(seen.file, text, sizeof(text) - 1, 0)] = '\0';
		for (const char *p = strstr(text, line); p != NULL; p = strstr(p + 1, line))
			n_8bit++;
		if (n_8bit != cases[i].n_8bit || (n_8bit == 2) != (seen.encoding == 8))
			fail_msg("case %zu: %u, %u", i, n_8bit, seen.encoding);
	}
	original = before;
}

static void test_cleanup_refuses(void **state)
{
	(void)state;
	cleanup_comes();
	seen.code = 452;
	ask(REPORT_FAILED, "alice@x", 0);
	assert_int_equal(seen.n_done, 1);
	assert_int_equal(seen.n_ok, 0);
	assert_string_equal(seen.text, "452 because");
	seen.code = 554;	/* for good: saying it again would not help */
	ask(REPORT_FAILED, "alice@x", 0);
	assert_int_equal(seen.n_ok, 1);
}

static void test_cleanup_comes_late(void **state)
{
	(void)state;
	ask(REPORT_FAILED, "alice@x", 0);
	assert_int_equal(seen.n_done, 0);
	cleanup_comes();
	assert_int_equal(seen.n_ok, 1);
	ipc_chan_done(&cleanup_far);
	settle();
	ask(REPORT_FAILED, "alice@x", 0);
	loop_advance(loop, 5001);
	settle();
	assert_int_equal(seen.n_done, 2);
	assert_int_equal(seen.n_ok, 1);
}

static void test_asker_breaks(void **state)
{
	(void)state;
	bounce_rcpt_send(&asker, &(struct bounce_rcpt){ .id = 9, .address = SLICE_LIT("b@y") });
	settle();
	assert_true(list_is_empty(&b.visitors));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failed_text), cmocka_unit_test(test_variants),
		cmocka_unit_test(test_template), cmocka_unit_test(test_broken_templates),
		cmocka_unit_test_setup_teardown(test_who_gets_what, setup, teardown),
		cmocka_unit_test_setup_teardown(test_content, setup, teardown),
		cmocka_unit_test_setup_teardown(test_encoding, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cleanup_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cleanup_comes_late, setup, teardown),
		cmocka_unit_test_setup_teardown(test_asker_breaks, setup, teardown),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("bounce", tests, load_builtin, drop_builtin);
}
