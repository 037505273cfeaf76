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

static void print_envelope(const struct show *s)
{
	const struct queue_envelope *e = &s->envelope;

	printf("*** ENVELOPE RECORDS %s ***\n", s->label);
	printf("message_size: %llu %zu\n", (unsigned long long)e->content_bytes, e->n_rcpts);
	print_time("message_arrival_time", e->arrived_us);
	if (e->envid.n > 0)
		printf("dsn_envelope_id: %.*s\n", SLICE_ARG(e->envid));
	if (e->ret != QUEUE_RET_NONE)
		printf("dsn_return_flags: %d\n", e->ret);
	for (enum queue_attr a = 0; a < QUEUE_ATTR_N; a++)
		if (e->attr[a].n > 0)
			printf("named_attribute: %s=%.*s\n", queue_attr_name(a),
			       SLICE_ARG(e->attr[a]));
	printf("sender: %.*s\n", SLICE_ARG(e->sender));
}

static void print_recipients(const struct show *s)
{
	printf("*** HEADER EXTRACTED %s ***\n", s->label);
	for (size_t i = 0; i < s->envelope.n_rcpts; i++) {
		const struct queue_rcpt *r = &s->envelope.rcpts[i];

		if (r->notify != 0)
			printf("dsn_notify_flags: %d\n", r->notify);
		if (r->orcpt.n > 0)
			printf("dsn_orig_rcpt: %.*s\n", SLICE_ARG(r->orcpt));
		if (r->original.n > 0)
			printf("original_recipient: %.*s\n", SLICE_ARG(r->original));
		printf("%s: %.*s\n", r->mark == QUEUE_MARK_TODO ? "recipient" : "done_recipient",
		       SLICE_ARG(r->address));
	}
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
			if ((s->what & SHOW_HEADER) != 0)
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
	if (s->what == SHOW_ALL)
		printf("*** MESSAGE CONTENTS %s ***\n", s->label);
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
	if ((s->what & SHOW_ENVELOPE) != 0)
		print_envelope(s);
	if ((s->what & (SHOW_HEADER | SHOW_BODY)) != 0)
		print_content(s);
	if ((s->what & SHOW_ENVELOPE) != 0)
		print_recipients(s);
	if (s->what == SHOW_ALL)
		printf("*** MESSAGE FILE END %s ***\n", s->label);
	buf_done(&s->tail);
	arena_done(&s->arena);
	close(s->fd);
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
	char label[64];

	if (queue_id_parse(slice_str(text), &id) != RC_OK)
		log_fatal("bad mail queue id: %s", text);
	for (enum queue_name q = 0; q < QUEUE_DEFER && s.fd < 0; q++) {
		struct err err = { 0 };
		enum rc rc = queue_open(spool, q, &id, O_RDONLY, &s.fd, &err);

		if (rc != RC_OK && rc != RC_END)
			log_fatal("%s", err.text);
		snprintf(label, sizeof(label), "%s/%s", queue_name_str(q), id.s);
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
	if (optind == argc)
		log_fatal("usage: postcat [-b] [-c config_dir] [-e] [-h] [-q] [-v] [file...]");
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
