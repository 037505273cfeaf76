/* SPDX-License-Identifier: ISC */
#include "lib/deliver/message.h"

#include <errno.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/sys/crc.h"

static void __attribute__((format(printf, 2, 0)))
set_text(struct outcome *o, const char *fmt, va_list ap)
{
	vsnprintf(o->text, sizeof(o->text), fmt, ap);
}

void outcome_set(struct outcome *o, int status, const char *dsn, const char *fmt, ...)
{
	va_list ap;

	if (o->status != 0)
		return;
	o->status = status;
	snprintf(o->dsn, sizeof(o->dsn), "%s", dsn);
	va_start(ap, fmt);
	set_text(o, fmt, ap);
	va_end(ap);
}

void outcome_errno(struct outcome *o, int e, const char *fmt, ...)
{
	static const struct { int e; int status; const char *dsn; } known[] = {
		{ EFBIG, OUTCOME_BOUNCED, "5.2.2" }, { EDQUOT, OUTCOME_BOUNCED, "5.2.2" },
		{ ENOSPC, OUTCOME_DEFERRED, "4.3.0" }, { EMFILE, OUTCOME_DEFERRED, "4.3.0" },
		{ ENFILE, OUTCOME_DEFERRED, "4.3.0" }, { ENOMEM, OUTCOME_DEFERRED, "4.3.0" },
		{ EIO, OUTCOME_DEFERRED, "4.3.0" }, { EROFS, OUTCOME_DEFERRED, "4.3.0" },
		{ ENOENT, OUTCOME_BOUNCED, "5.2.0" }, { ENOTDIR, OUTCOME_BOUNCED, "5.2.0" },
		{ EISDIR, OUTCOME_BOUNCED, "5.2.0" }, { ELOOP, OUTCOME_BOUNCED, "5.2.0" },
		{ ENXIO, OUTCOME_BOUNCED, "5.2.0" }, { ENAMETOOLONG, OUTCOME_BOUNCED, "5.2.0" },
	};
	va_list ap;
	size_t n;

	if (o->status != 0)
		return;
	o->status = OUTCOME_DEFERRED;
	o->is_refused = e == EACCES;
	snprintf(o->dsn, sizeof(o->dsn), "4.2.0");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].e != e)
			continue;
		o->status = known[i].status;
		snprintf(o->dsn, sizeof(o->dsn), "%s", known[i].dsn);
	}
	va_start(ap, fmt);
	set_text(o, fmt, ap);
	va_end(ap);
	n = strlen(o->text);
	snprintf(o->text + n, sizeof(o->text) - n, ": %s", strerror(e));
}

enum rc message_read(const struct message *m, char *block, uint64_t *pos, uint32_t *crc,
		     struct slice *ret, struct err *err)
{
	uint64_t left = m->bytes - *pos;
	size_t want = left < MESSAGE_BLOCK ? (size_t)left : MESSAGE_BLOCK;
	ssize_t n;

	if (left == 0) {
		if (*crc != m->crc)
			return err_set(err, RC_PERM, "the queue file is damaged");
		return RC_END;
	}
	do
		n = pread(m->fd, block, want, (off_t)(m->offset + (int64_t)*pos));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "cannot read the queue file");
	if (n == 0)
		return err_set(err, RC_PERM, "the queue file is too short");
	*ret = slice_make(block, (size_t)n);
	*crc = crc32c(*crc, *ret);
	*pos += (uint64_t)n;
	return RC_OK;
}

int message_write(int fd, struct slice a, struct slice b)
{
	while (a.n + b.n > 0) {
		struct iovec iov[2] = { { (void *)(uintptr_t)a.p, a.n },
					{ (void *)(uintptr_t)b.p, b.n } };
		ssize_t n = writev(fd, iov + (a.n == 0), a.n == 0 ? 1 : 2);
		size_t from_a;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		from_a = (size_t)n < a.n ? (size_t)n : a.n;
		a = slice_skip(a, from_a);
		b = slice_skip(b, (size_t)n - from_a);
	}
	return 0;
}
