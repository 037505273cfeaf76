/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "lib/queue/file.h"
#include "lib/queue/reason.h"
#include "lib/queue/spool.h"
#include "lib/sys/crc.h"

static char root[64];

static int make_root(void **state)
{
	char path[128];

	(void)state;
	snprintf(root, sizeof(root), "/tmp/h-queue-unit-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		snprintf(path, sizeof(path), "%s/%s", root, queue_name_str(q));
		if (mkdir(path, 0700) != 0)
			return -1;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void open_spool(struct queue_spool *s, unsigned depth)
{
	struct err err = { 0 };

	if (queue_spool_open(s, root, QUEUE_ALL, "deferred, defer", depth, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void make_file(const struct queue_spool *s, enum queue_name q, const char *id)
{
	struct queue_id qid;
	int fd;

	assert_int_equal(queue_id_parse(slice_str(id), &qid), RC_OK);
	assert_int_equal(queue_create(s, q, &qid, &fd, NULL), RC_OK);
	assert_int_equal(queue_sync(s, q, &qid, fd), 0);
	close(fd);
}

static size_t count(const struct queue_spool *s, enum queue_name q)
{
	struct queue_scan scan;
	struct queue_id id;
	struct stat st;
	size_t n = 0;

	assert_int_equal(queue_scan_init(&scan, s, q, NULL), RC_OK);
	while (queue_scan_next(&scan, &id)) {
		assert_int_equal(queue_stat(s, q, &id, &st, NULL), RC_OK);
		n++;
	}
	queue_scan_done(&scan);
	return n;
}

static bool exists(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return access(path, F_OK) == 0;
}

static void test_create_and_move(void **state)
{
	struct queue_id a, b;
	struct queue_spool s;
	struct stat st;
	int fd;

	(void)state;
	open_spool(&s, 2);
	assert_int_equal(queue_id_parse(SLICE_LIT("8045F68C3A1"), &a), RC_OK);
	assert_int_equal(queue_id_parse(SLICE_LIT("8145F68C3A1"), &b), RC_OK);
	assert_int_equal(queue_create(&s, QUEUE_ACTIVE, &a, &fd, NULL), RC_OK);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
	assert_int_equal(queue_create(&s, QUEUE_ACTIVE, &a, &fd, NULL), RC_END);
	assert_int_equal(queue_move(&s, QUEUE_ACTIVE, &a, QUEUE_DEFERRED, &a, NULL), RC_OK);
	assert_true(exists("deferred/8/0/8045F68C3A1") && !exists("active/8045F68C3A1"));
	assert_int_equal(queue_move(&s, QUEUE_ACTIVE, &a, QUEUE_DEFERRED, &a, NULL), RC_END);
	assert_int_equal(queue_set_due(&s, QUEUE_DEFERRED, &a, 1234567890, NULL), RC_OK);
	assert_int_equal(queue_stat(&s, QUEUE_DEFERRED, &a, &st, NULL), RC_OK);
	assert_int_equal(st.st_mtim.tv_sec, 1234567890);
	/* a move to a taken place changes nothing */
	assert_int_equal(queue_create(&s, QUEUE_ACTIVE, &a, &fd, NULL), RC_OK);
	close(fd);
	assert_int_equal(queue_move(&s, QUEUE_ACTIVE, &a, QUEUE_DEFERRED, &a, NULL), RC_DENIED);
	assert_true(exists("deferred/8/0/8045F68C3A1") && exists("active/8045F68C3A1"));
	assert_int_equal(queue_move(&s, QUEUE_ACTIVE, &a, QUEUE_DEFERRED, &b, NULL), RC_OK);
	assert_true(exists("deferred/8/1/8145F68C3A1"));
	assert_int_equal(queue_remove(&s, QUEUE_DEFERRED, &b, NULL), RC_OK);
	assert_int_equal(queue_remove(&s, QUEUE_DEFERRED, &b, NULL), RC_END);
	assert_int_equal(queue_remove(&s, QUEUE_DEFERRED, &a, NULL), RC_OK);
	queue_spool_close(&s);
	queue_spool_close(&s);
}

static enum rc load(int fd, struct queue_envelope *e)
{
	static struct buf tail;
	static struct arena arena;
	static bool made;

	if (!made) {
		buf_init(&tail, QUEUE_TAIL_MAX);
		arena_init(&arena, 64 << 20);
		made = true;
	}
	arena_reset(&arena);
	return queue_file_load(fd, &tail, &arena, e, NULL);
}

static enum rc open_and_load(const struct queue_spool *s, const struct queue_id *id)
{
	struct queue_envelope e;
	int fd;
	enum rc rc = queue_open(s, QUEUE_ACTIVE, id, O_RDONLY, &fd, NULL);

	if (rc != RC_OK)
		return rc;
	rc = load(fd, &e);
	close(fd);
	return rc;
}

static void test_open_refuses(void **state)
{
	struct queue_id a, b;
	struct queue_spool s;
	char old[128], new[128], third[128];
	int fd;

	(void)state;
	open_spool(&s, 1);
	assert_int_equal(queue_id_parse(SLICE_LIT("8045F68C3A1"), &a), RC_OK);
	assert_int_equal(queue_id_parse(SLICE_LIT("8045F68C3A2"), &b), RC_OK);
	assert_int_equal(queue_open(&s, QUEUE_ACTIVE, &a, O_RDONLY, &fd, NULL), RC_END);
	make_file(&s, QUEUE_ACTIVE, "8045F68C3A1");
	assert_int_equal(open_and_load(&s, &a), RC_MORE);
	snprintf(old, sizeof(old), "%s/active/8045F68C3A1", root);
	snprintf(new, sizeof(new), "%s/active/8045F68C3A2", root);
	assert_int_equal(symlink(old, new), 0);
	assert_int_equal(open_and_load(&s, &b), RC_PERM);
	assert_int_equal(unlink(new), 0);
	assert_int_equal(link(old, new), 0);
	assert_int_equal(open_and_load(&s, &a), RC_MORE);	/* a move that was cut off */
	snprintf(third, sizeof(third), "%s/active/8045F68C3A3", root);
	assert_int_equal(link(old, third), 0);
	assert_int_equal(open_and_load(&s, &a), RC_PERM);
	assert_int_equal(unlink(third), 0);
	assert_int_equal(unlink(new), 0);
	assert_int_equal(mkfifo(new, 0600), 0);
	assert_int_equal(open_and_load(&s, &b), RC_PERM);
	queue_spool_close(&s);
	assert_int_equal(queue_spool_open(&s, "/nowhere", QUEUE_ALL, "", 1, NULL), RC_SYS);
}

static void test_scan(void **state)
{
	struct queue_spool flat, deep;

	(void)state;
	open_spool(&flat, 0);
	open_spool(&deep, 2);
	assert_int_equal(count(&flat, QUEUE_DEFERRED), 0);
	make_file(&flat, QUEUE_DEFERRED, "8045F68C3A1");
	make_file(&flat, QUEUE_DEFERRED, "8045F68C3A2");
	make_file(&deep, QUEUE_DEFERRED, "9945F68C3A2");
	make_file(&deep, QUEUE_DEFERRED, "4bFgMc0xZ5z2Pq");
	/* whatever the depth was, all are found and end where they belong */
	assert_int_equal(count(&deep, QUEUE_DEFERRED), 4);
	assert_true(exists("deferred/8/0/8045F68C3A2") && exists("deferred/2/0/4bFgMc0xZ5z2Pq"));
	assert_int_equal(count(&flat, QUEUE_DEFERRED), 4);
	assert_true(exists("deferred/8045F68C3A2") && exists("deferred/4bFgMc0xZ5z2Pq"));
	queue_spool_close(&flat);
	queue_spool_close(&deep);
}

/* --- one file --- */

static struct queue_rcpt to[3] = {
	{ .address = { "a@x", 3 }, .mark = '-' }, { .address = { "b@x", 3 }, .mark = '-' },
	{ .address = { "c@x", 3 }, .mark = '-' },
};

static int new_file(const char *content, struct queue_envelope *e)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/f", root);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	*e = (struct queue_envelope){ .arrived_us = 5, .content_bytes = strlen(content),
				      .content_crc = crc32c(0, slice_str(content)),
				      .rcpts = to, .n_rcpts = 3 };
	return fd;
}

static void test_file(void **state)
{
	struct queue_envelope e, got;
	struct err err = { 0 };
	struct buf tail;
	int fd = new_file("Subject: x\n\nhello\n", &e);

	(void)state;
	buf_init(&tail, QUEUE_TAIL_MAX);
	assert_int_equal(load(fd, &got), RC_MORE);
	e.content_bytes++;
	assert_int_equal(queue_file_commit(fd, &e, &tail, &err), RC_DENIED);
	assert_int_equal(load(fd, &got), RC_MORE);
	e.content_bytes--;
	assert_int_equal(queue_file_commit(fd, &e, &tail, NULL), RC_OK);
	assert_int_equal(load(fd, &got), RC_OK);
	assert_int_equal(got.content_bytes, 18);
	assert_int_equal(queue_file_verify(fd, &got, NULL), RC_OK);
	assert_int_equal(queue_file_mark(fd, &got, 1, QUEUE_MARK_DONE, NULL), RC_OK);
	assert_int_equal(queue_file_mark(fd, &got, 2, QUEUE_MARK_REPORT, NULL), RC_OK);
	assert_int_equal(queue_file_mark_warned(fd, &got, NULL), RC_OK);
	assert_int_equal(load(fd, &got), RC_OK);
	assert_true(got.is_warned && got.rcpts[0].mark == '-' && got.rcpts[1].mark == 'D' &&
		    got.rcpts[2].mark == 'd');
	assert_int_equal(pwrite(fd, "S", 1, 3), 1);
	assert_int_equal(queue_file_verify(fd, &got, NULL), RC_SYNTAX);
	assert_int_equal(ftruncate(fd, 300), 0);
	assert_int_equal(load(fd, &got), RC_SYNTAX);
	assert_int_equal(ftruncate(fd, 10), 0);
	assert_int_equal(load(fd, &got), RC_SYNTAX);
	assert_int_equal(queue_file_verify(fd, &e, NULL), RC_SYNTAX);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(load(fd, &got), RC_SYNTAX);
	close(fd);
	buf_done(&tail);
}

/* More envelope than the first read takes. */
static void test_large_envelope(void **state)
{
	enum { N = 20000 };
	struct queue_rcpt *many = calloc(N, sizeof(*many));
	char (*names)[24] = calloc(N, sizeof(*names));
	struct queue_envelope e, got;
	struct buf tail;
	int fd = new_file("", &e);

	(void)state;
	buf_init(&tail, QUEUE_TAIL_MAX);
	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "u%zu@example.com", i);
		many[i] = (struct queue_rcpt){ .address = slice_str(names[i]), .mark = '-' };
	}
	e.rcpts = many;
	e.n_rcpts = N;
	assert_int_equal(queue_file_commit(fd, &e, &tail, NULL), RC_OK);
	assert_int_equal(load(fd, &got), RC_OK);
	assert_int_equal(got.n_rcpts, N);
	unit_slice_is(got.rcpts[N - 1].address, names[N - 1], "last");
	assert_int_equal(queue_file_mark(fd, &got, N - 1, QUEUE_MARK_DONE, NULL), RC_OK);
	assert_int_equal(load(fd, &got), RC_OK);
	assert_true(got.rcpts[N - 1].mark == 'D' && got.rcpts[N - 2].mark == '-');
	close(fd);
	buf_done(&tail);
	free(many);
	free(names);
}

static void test_postfix_file(void **state)
{
	static const char queue_file[] = "C_            521             624               1"
		"               0             521               0T\0211758000000 123456A";
	static const char drop_file[] = "T\0211758000000 123456A\027rewrite_context=local";
	struct queue_envelope e;
	int fd = new_file(queue_file, &e);

	(void)state;
	assert_int_equal(fchmod(fd, 0700), 0);
	assert_int_equal(load(fd, &e), RC_END);
	close(fd);
	fd = new_file(drop_file, &e);
	assert_int_equal(fchmod(fd, 0700), 0);
	assert_int_equal(load(fd, &e), RC_END);
	close(fd);
	fd = new_file("To: C_    1 23 4\n\nText that is no queue file of anybody", &e);
	assert_int_equal(fchmod(fd, 0700), 0);
	assert_int_equal(load(fd, &e), RC_SYNTAX);
	close(fd);
}

static void test_reason(void **state)
{
	static const char foreign[] = "<a@b>: old form\nrecipient=a@b\n\noffset=x\nreason=no\n\n"
				      "offset=7\nreason=good = text\ncolour=blue\n\n"
				      "offset=8\nreason=cut";
	struct slice rest = slice_str(foreign);
	struct queue_reason r, in = { 3, SLICE_LIT("a@b"), SLICE_LIT(""), SLICE_LIT("4.4.1"),
				      SLICE_LIT("connect to x\n[1.2.3.4]: refused\x01") };
	struct buf out;

	(void)state;
	assert_true(queue_reason_next(&rest, &r));
	assert_int_equal(r.index, 7);
	unit_slice_is(r.text, "good = text", "foreign");
	assert_false(queue_reason_next(&rest, &r));
	buf_init(&out, 250);
	queue_reason_put(&out, &in);
	in.index = 4;
	queue_reason_put(&out, &in);
	in.index = 5;
	queue_reason_put(&out, &in);	/* does not fit: left out whole */
	rest = buf_slice(&out);
	assert_true(queue_reason_next(&rest, &r));
	assert_int_equal(r.index, 3);
	unit_slice_is(r.text, "connect to x?[1.2.3.4]: refused?", "own");
	unit_slice_is(r.status, "4.4.1", "status");
	assert_true(queue_reason_next(&rest, &r));
	assert_int_equal(r.index, 4);
	assert_false(queue_reason_next(&rest, &r));
	buf_done(&out);
}

static void test_names(void **state)
{
	(void)state;
	for (enum queue_name q = 0; q < QUEUE_N; q++)
		assert_int_equal(queue_name_find(slice_str(queue_name_str(q))), q);
	assert_int_equal(queue_name_find(SLICE_LIT("act")), QUEUE_N);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create_and_move, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_open_refuses, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_scan, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_file, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_large_envelope, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_postfix_file, make_root, remove_root),
		cmocka_unit_test(test_reason), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("queue spool", tests, NULL, NULL);
}
