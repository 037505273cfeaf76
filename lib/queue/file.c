/* SPDX-License-Identifier: ISC */
#include "lib/queue/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/sys/crc.h"

enum { TAIL_GUESS = 4096, BLOCK = 65536, POSTFIX_HEAD = 32 };

static enum rc write_all(int fd, struct slice s, uint64_t at, struct err *err)
{
	while (s.n > 0) {
		ssize_t n = pwrite(fd, s.p, s.n, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "write envelope");
		s = slice_skip(s, (size_t)n);
		at += (uint64_t)n;
	}
	return RC_OK;
}

enum rc queue_file_write_tail(int fd, struct queue_envelope *e, struct buf *tail,
			      struct err *err)
{
	struct stat st;
	enum rc rc;

	buf_reset(tail);
	if (fstat(fd, &st) != 0)
		return err_sys(err, "fstat queue file");
	if ((uint64_t)st.st_size != e->content_bytes)
		return err_set(err, RC_DENIED, "the file holds %lld bytes, %llu were promised",
			       (long long)st.st_size, (unsigned long long)e->content_bytes);
	rc = queue_tail_encode(e, tail, err);
	return rc == RC_OK ? write_all(fd, buf_slice(tail), e->content_bytes, err) : rc;
}

enum rc queue_file_commit(int fd, struct queue_envelope *e, struct buf *tail, struct err *err)
{
	enum rc rc = queue_file_write_tail(fd, e, tail, err);

	if (rc == RC_OK && fchmod(fd, 0700) != 0)
		rc = err_sys(err, "chmod queue file");
	return rc;
}

/* The last WANT bytes of a file of SIZE bytes, appended to OUT. */
static enum rc read_end(int fd, uint64_t size, size_t want, struct buf *out, struct err *err)
{
	uint64_t at = size - want;

	buf_reset(out);
	while (want > 0) {
		size_t room;
		char *p = buf_reserve(out, want, &room);
		ssize_t n = room > 0 ? pread(fd, p, room < want ? room : want, (off_t)at) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read queue file");
		if (n == 0)
			return err_set(err, RC_SYNTAX, "queue file shrinks or is too large");
		buf_commit(out, (size_t)n);
		want -= (size_t)n;
		at += (uint64_t)n;
	}
	return RC_OK;
}

/* True when HEAD (the first 32 bytes or more) is how Postfix's queue files begin. */
static bool is_postfix(struct slice head)
{
	/* "C" or "T", a record length, and numbers: blanks and digits. (Postfix record(3)) */
	if (head.n < 20 || (head.p[0] != 'C' && head.p[0] != 'T') || head.p[1] < 12 ||
	    char_is_8bit(head.p[1]))
		return false;
	for (size_t i = 2; i < 14; i++)
		if (!char_is_digit(head.p[i]) && head.p[i] != ' ')
			return false;
	return true;
}

static enum rc not_ours(int fd, const char *why, struct err *err)
{
	char head[POSTFIX_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n > 0 && is_postfix(slice_make(head, (size_t)n)))
		return RC_END;
	return err_set(err, RC_SYNTAX, "%s", why);
}

enum rc queue_file_load(int fd, struct buf *tail, struct arena *arena, struct queue_envelope *e,
			struct err *err)
{
	struct queue_footer f;
	struct slice end;
	struct stat st;
	uint64_t size, tail_bytes;
	size_t guess;
	enum rc rc;

	if (fstat(fd, &st) != 0)
		return err_sys(err, "fstat queue file");
	/* Two names: a move was cut off (queue_move), and each of them may be all there is. */
	if (!S_ISREG(st.st_mode) || st.st_nlink > 2)
		return err_set(err, RC_PERM, "not a plain file with one name");
	if ((st.st_mode & S_IXUSR) == 0)
		return RC_MORE;
	size = (uint64_t)st.st_size;
	guess = size < TAIL_GUESS ? (size_t)size : TAIL_GUESS;
	rc = read_end(fd, size, guess, tail, err);
	if (rc != RC_OK)
		return rc;
	end = slice_skip(buf_slice(tail), guess > QUEUE_FOOTER_SIZE ? guess - QUEUE_FOOTER_SIZE : 0);
	if (queue_footer_parse(end, &f, &tail_bytes) != RC_OK)
		return not_ours(fd, "no end mark", err);
	if (f.content_bytes + tail_bytes != size)
		return err_set(err, RC_SYNTAX, "the file's size and its end mark differ");
	if (tail_bytes > guess)
		rc = read_end(fd, size, (size_t)tail_bytes, tail, err);
	else
		buf_consume(tail, guess - (size_t)tail_bytes);
	return rc == RC_OK ? queue_tail_parse(buf_slice(tail), arena, e, err) : rc;
}

enum rc queue_file_verify(int fd, const struct queue_envelope *e, struct err *err)
{
	char *block = mem_new(1, BLOCK);
	enum rc rc = RC_OK;
	uint64_t at = 0;
	uint32_t crc = 0;

	while (at < e->content_bytes && rc == RC_OK) {
		uint64_t left = e->content_bytes - at;
		ssize_t n = pread(fd, block, left < BLOCK ? (size_t)left : BLOCK, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(err, "read content");
		else if (n == 0)
			rc = err_set(err, RC_SYNTAX, "content is cut off");
		else
			crc = crc32c(crc, slice_make(block, (size_t)n));
		at += n > 0 ? (uint64_t)n : 0;
	}
	free(block);
	if (rc == RC_OK && crc != e->content_crc)
		rc = err_set(err, RC_SYNTAX, "checksum of the content is wrong");
	return rc;
}

static enum rc put_mark(int fd, uint64_t at, char mark, struct err *err)
{
	ssize_t n;

	do
		n = pwrite(fd, &mark, 1, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n == 1 ? RC_OK : err_sys(err, "write mark");
}

enum rc queue_file_mark(int fd, struct queue_envelope *e, size_t rcpt, enum queue_mark mark,
			struct err *err)
{
	enum rc rc = put_mark(fd, e->marks_at + 1 + rcpt, (char)mark, err);

	if (rc == RC_OK)
		e->rcpts[rcpt].mark = (char)mark;
	return rc;
}

enum rc queue_file_mark_warned(int fd, struct queue_envelope *e, struct err *err)
{
	enum rc rc = put_mark(fd, e->marks_at, QUEUE_MARK_WARNED, err);

	if (rc == RC_OK)
		e->is_warned = true;
	return rc;
}
