/* cmd/postcat.c - show queue files in the form Postfix's tool has. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/tool.h"
#include "lib/base/num.h"
#include "lib/mail/date.h"
#include "lib/mail/header.h"
#include "lib/queue/file.h"
#include "lib/queue/spool.h"
#include "lib/sys/log.h"

enum { BLOCK = 65536, SHOW_ENVELOPE = 1, SHOW_HEADER = 2, SHOW_BODY = 4, SHOW_ALL = 7 };

struct show {
	unsigned what;
	const char *label;	/* path as shown: "active/4ABC..." */
	int fd;
	struct buf tail;
	struct arena arena;
	struct queue_envelope envelope;
};

static void put(struct slice s)
{
	fwrite(s.p, 1, s.n, stdout);
}

static void print_time(const char *name, int64_t us)
{
	struct buf text;

	buf_init(&text, 128);
	date_print_asctime(date_zone(us / 1000000, NULL), &text);
	printf("%s: %s\n", name, buf_cstr(&text));
	buf_done(&text);
}

/* Under the names, and in the order, that Postfix has them. */
static void print_attributes(const struct queue_envelope *e)
{
	static const struct { enum queue_attr attr; const char *name; } session[] = {
		{ QUEUE_ATTR_CLIENT_NAME, "client_name" },
		{ QUEUE_ATTR_CLIENT_ADDRESS, "client_address" },
		{ QUEUE_ATTR_CLIENT_PORT, "client_port" }, { QUEUE_ATTR_HELO, "helo_name" },
		{ QUEUE_ATTR_PROTOCOL, "protocol_name" },
		{ QUEUE_ATTR_SASL_METHOD, "sasl_method" },
		{ QUEUE_ATTR_SASL_USERNAME, "sasl_username" },
		{ QUEUE_ATTR_SASL_SENDER, "sasl_sender" },
	};

	for (size_t i = 0; i < sizeof(session) / sizeof(session[0]); i++)
		if (e->attr[session[i].attr].n > 0)
			printf("named_attribute: %s=%.*s\n", session[i].name,
			       SLICE_ARG(e->attr[session[i].attr]));
}

static void print_recipient(const struct queue_rcpt *r)
{
	struct slice original = r->original.n > 0 ? r->original : r->address;

	if (r->notify != 0)
		printf("named_attribute: notify_flags=%d\n", r->notify);
	if (r->orcpt.n > 0)
		printf("named_attribute: dsn_orig_rcpt=%.*s\n", SLICE_ARG(r->orcpt));
	printf("original_recipient: %.*s\n", SLICE_ARG(original));
	printf("%s: %.*s\n", r->mark == QUEUE_MARK_TODO ? "recipient" : "done_recipient",
	       SLICE_ARG(r->address));
}

static void print_envelope(const struct show *s)
{
	const struct queue_envelope *e = &s->envelope;

	printf("*** ENVELOPE RECORDS %s ***\n", s->label);
	printf("message_size: %15llu %15d %15zu %15d %15llu %15d\n",
	       (unsigned long long)e->content_bytes, 0, e->n_rcpts, 0,
	       (unsigned long long)e->content_bytes, 0);
	print_time("message_arrival_time", e->arrived_us);
	print_time("create_time", e->arrived_us);
	if (e->attr[QUEUE_ATTR_LOG_IDENT].n > 0)
		printf("named_attribute: log_ident=%.*s\n",
		       SLICE_ARG(e->attr[QUEUE_ATTR_LOG_IDENT]));
	if (e->attr[QUEUE_ATTR_REWRITE_CONTEXT].n > 0)
		printf("named_attribute: rewrite_context=%.*s\n",
		       SLICE_ARG(e->attr[QUEUE_ATTR_REWRITE_CONTEXT]));
	if (e->envid.n > 0)
		printf("named_attribute: envelope_id=%.*s\n", SLICE_ARG(e->envid));
	if (e->ret != QUEUE_RET_NONE)
		printf("named_attribute: ret_flags=%d\n", e->ret);
	if (e->attr[QUEUE_ATTR_FULL_NAME].n > 0)
		printf("sender_fullname: %.*s\n", SLICE_ARG(e->attr[QUEUE_ATTR_FULL_NAME]));
	printf("sender: %.*s\n", SLICE_ARG(e->sender));
	if ((e->flags & QUEUE_FLAG_8BIT) != 0)
		printf("named_attribute: encoding=8bit\n");
	print_attributes(e);
	for (size_t i = 0; i < e->n_rcpts; i++)
		print_recipient(&e->rcpts[i]);
}

/* Part of a block that is wanted; the header ends at the first blank line. */
static void print_part(const struct show *s, struct slice block, struct header_scan *scan,
		       bool *in_body)
{
	struct header_field f;
	enum rc rc;

	while (!*in_body && (rc = header_scan_next(scan, &block, &f)) != RC_MORE) {
		if (rc == RC_OK) {
			if ((s->what & SHOW_HEADER) != 0)
				put(f.raw);
			continue;
		}
		*in_body = true;
		if ((s->what & SHOW_BODY) != 0) {
			putchar('\n');
			put(header_scan_rest(scan));
		}
	}
	if (*in_body && (s->what & SHOW_BODY) != 0)
		put(block);
}

static void print_content(const struct show *s)
{
	static char block[BLOCK];
	struct header_scan scan;
	struct header_field f;
	bool in_body = false;
	uint64_t at = 0, end = s->envelope.content_bytes;

	header_scan_init(&scan, 1 << 20);
	while (at < end) {
		size_t want = end - at < BLOCK ? (size_t)(end - at) : BLOCK;
		ssize_t n = pread(s->fd, block, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			log_fatal("%s: %s", s->label, n < 0 ? strerror(errno) : "is shorter now");
		at += (uint64_t)n;
		print_part(s, slice_make(block, (size_t)n), &scan, &in_body);
	}
	while (!in_body && header_scan_finish(&scan, &f) == RC_OK)
		if ((s->what & SHOW_HEADER) != 0)
			put(f.raw);
	header_scan_done(&scan);
}

static void show_file(struct show *s)
{
	struct err err = { 0 };
	enum rc rc;

	buf_init(&s->tail, QUEUE_TAIL_MAX);
	arena_init(&s->arena, QUEUE_TAIL_MAX);
	rc = queue_file_load(s->fd, &s->tail, &s->arena, &s->envelope, &err);
	if (rc == RC_MORE)
		log_fatal("%s: the file is not complete", s->label);
	if (rc == RC_END)
		log_fatal("%s: a queue file of Postfix; use its postcat", s->label);
	if (rc != RC_OK)
		log_fatal("%s: %s", s->label, err.text);
	if ((s->what & SHOW_ENVELOPE) != 0) {
		print_envelope(s);
		printf("*** MESSAGE CONTENTS %s ***\n", s->label);
	}
	if ((s->what & (SHOW_HEADER | SHOW_BODY)) != 0)
		print_content(s);
	if ((s->what & SHOW_ENVELOPE) != 0)
		printf("*** HEADER EXTRACTED %s ***\n*** MESSAGE FILE END %s ***\n", s->label,
		       s->label);
	buf_done(&s->tail);
	arena_done(&s->arena);
	close(s->fd);
}

static void show_stdin(unsigned what)
{
	struct show s = { .what = what, .label = "stdin", .fd = STDIN_FILENO };

	show_file(&s);
}

static void show_path(unsigned what, const char *path)
{
	struct show s = { .what = what, .label = path, .fd = open(path, O_RDONLY | O_CLOEXEC) };

	if (s.fd < 0)
		log_fatal("open %s: %s", path, strerror(errno));
	show_file(&s);
}

/* Look for the id in every queue. */
static void show_id(unsigned what, const char *text, const struct queue_spool *spool)
{
	struct show s = { .what = what, .fd = -1 };
	struct queue_id id;
	char label[QUEUE_PATH_SIZE];

	if (queue_id_parse(slice_str(text), &id) != RC_OK)
		log_fatal("bad mail queue ID: %s", text);
	for (enum queue_name q = 0; q < QUEUE_DEFER && s.fd < 0; q++) {
		struct err err = { 0 };
		enum rc rc = queue_open(spool, q, &id, O_RDONLY, &s.fd, &err);

		if (rc != RC_OK && rc != RC_END)
			log_fatal("%s", err.text);
		queue_path(spool, q, &id, label);
		if (rc == RC_END)
			s.fd = -1;
	}
	if (s.fd < 0)
		log_fatal("open queue file %s: No such file or directory", text);
	s.label = label;
	show_file(&s);
}

static void open_spool(const char *config_dir, struct queue_spool *spool)
{
	struct conf *c = tool_conf(config_dir);
	char *root = tool_param(c, "queue_directory"), *names = tool_param(c, "hash_queue_names");
	char *depth = tool_param(c, "hash_queue_depth");
	struct err err = { 0 };
	uint32_t levels = 1;

	if (num_u32(slice_str(depth), QUEUE_HASH_DEPTH_MAX, &levels) != RC_OK)
		log_fatal("bad value of hash_queue_depth: %s", depth);
	if (queue_spool_open(spool, root, QUEUE_ALL & ~(1u << QUEUE_DEFER), names, levels, &err) !=
	    RC_OK)
		log_fatal("%s", err.text);
	free(root);
	free(names);
	free(depth);
	conf_free(&c);
}

int main(int argc, char **argv)
{
	struct queue_spool spool;
	const char *dir = NULL;
	unsigned what = 0;
	bool by_id = false;
	int ch;

	tool_init("postcat", 1);
	while ((ch = getopt(argc, argv, "bc:ehqv")) > 0) {
		switch (ch) {
		case 'b': what |= SHOW_BODY; break;
		case 'c': dir = optarg; break;
		case 'e': what |= SHOW_ENVELOPE; break;
		case 'h': what |= SHOW_HEADER; break;
		case 'q': by_id = true; break;
		case 'v': break; /* Postfix shows more of its records; here all is shown */
		default:
			log_fatal("usage: postcat [-b] [-c config_dir] [-e] [-h] [-q] [-v] "
				  "[file...]");
		}
	}
	if (what == 0)
		what = SHOW_ALL;
	dir = tool_config_dir(dir);
	if (optind == argc && !by_id)
		show_stdin(what);
	if (by_id)
		open_spool(dir, &spool);
	for (; optind < argc; optind++) {
		if (by_id)
			show_id(what, argv[optind], &spool);
		else
			show_path(what, argv[optind]);
	}
	if (by_id)
		queue_spool_close(&spool);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
