/* tests/fuzz/fuzz_mailbox.h - for fuzz targets that run whole sessions: a Maildir made anew for each
 * session, and a client that has said everything already. Included once in a target. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FUZZ_FUZZ_MAILBOX_H
#define TESTS_FUZZ_FUZZ_MAILBOX_H

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys/client.h"

enum { FUZZ_OUT_MAX = 256 << 20 };

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* --- the client --- */

struct fuzz_client {
	struct slice in;	/* not yet read */
	size_t step;		/* most bytes of one read */
	struct buf out;
};

/* Time passes at once: who waits for the second descriptor gets it or the client's end. */
static inline unsigned fuzz_wait(void *self, int watch_fd, int64_t timeout_ms)
{
	struct pollfd p = { .fd = watch_fd, .events = POLLIN };

	(void)self;
	(void)timeout_ms;
	return watch_fd >= 0 && poll(&p, 1, 0) > 0 ? CLIENT_WATCH | CLIENT_INPUT : CLIENT_INPUT;
}

static inline size_t fuzz_read(void *self, char *p, size_t n)
{
	struct fuzz_client *c = self;
	struct slice part = slice_sub(c->in, 0, n < c->step ? n : c->step);

	if (part.n > 0)
		memcpy(p, part.p, part.n);
	c->in = slice_skip(c->in, part.n);
	return part.n;
}

static inline bool fuzz_write(void *self, const struct iovec *v, int n)
{
	struct fuzz_client *c = self;

	for (int i = 0; i < n; i++)
		buf_add(&c->out, slice_make(v[i].iov_base, v[i].iov_len));
	check(!buf_is_over(&c->out));
	return true;
}

static const struct client_ops fuzz_client_ops = { fuzz_wait, fuzz_read, fuzz_write };

/* --- the Maildir --- */

static char fuzz_root[128];

static inline void fuzz_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", fuzz_root, name);
	f = fopen(path, "w");
	check(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

static inline int fuzz_remove(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	(void)type;
	(void)w;
	return remove(path);
}

static inline void fuzz_mailbox_done(void)
{
	check(nftw(fuzz_root, fuzz_remove, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* Three messages, one of them of many parts, under a UIDVALIDITY that is always the same. */
static inline void fuzz_mailbox_init(void)
{
	static const char *const dirs[] = { "/cur", "/new", "/tmp" };
	const char *tmp = getenv("TMPDIR");
	char path[256];

	snprintf(fuzz_root, sizeof(fuzz_root), "%s/buzon-fuzz-XXXXXX", tmp != NULL ? tmp : "/tmp");
	check(mkdtemp(fuzz_root) != NULL);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", fuzz_root, dirs[i]);
		check(mkdir(path, S_IRWXU) == 0);
	}
	fuzz_file("dovecot-uidvalidity", "7f000000");
	fuzz_file("dovecot-uidvalidity.7f000000", "");
	fuzz_file("cur/1000000001.M1P1.host:2,FS", "From: A <a@x>\nSubject: one\n\nfirst\n");
	fuzz_file("new/1000000002.M2P1.host",
		  "From: a@x\nTo: b@x, g: c@x;\nSubject: =?utf-8?q?zw=C3=B6?=\n"
		  "MIME-Version: 1.0\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n"
		  "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n"
		  "Content-Type: message/rfc822\n\nSubject: inner\n\n.dot\n--b--\n");
	fuzz_file("new/1000000003.M3P1.host,S=9999,W=1", "no header\r\n\n.\n..x\n\300\200");
}

#endif
