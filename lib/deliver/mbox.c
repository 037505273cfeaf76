/* SPDX-License-Identifier: ISC */
#include "lib/deliver/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail/addr.h"
#include "lib/mail/date.h"
#include "lib/deliver/lock.h"

void mbox_from_line(struct slice sender, int64_t time, struct buf *out)
{
	buf_adds(out, "From ");
	if (sender.n > 0)
		addr_quote(sender, out);
	else
		buf_adds(out, "MAILER-DAEMON");
	buf_adds(out, "  ");
	date_print_asctime(date_zone(time, NULL), out);
	buf_addc(out, '\n');
}

static const char from_word[] = "From ";
enum { FROM_LENGTH = 5 };

static void quote_byte(struct mbox_quoter *q, char c, struct buf *out)
{
	if (!q->in_line && c == from_word[q->matched]) {
		if (++q->matched < FROM_LENGTH)
			return;
		buf_adds(out, ">From ");
		q->in_line = true;
		q->matched = 0;
		return;
	}
	buf_add(out, slice_make(from_word, q->matched));
	q->matched = 0;
	buf_addc(out, c);
	q->in_line = c != '\n';
}

void mbox_quote(struct mbox_quoter *q, struct slice in, struct buf *out)
{
	while (in.n > 0) {
		const char *lf;
		size_t n;

		if (!q->in_line) {
			quote_byte(q, in.p[0], out);
			in = slice_skip(in, 1);
			continue;
		}
		lf = memchr(in.p, '\n', in.n);
		n = lf != NULL ? (size_t)(lf - in.p) + 1 : in.n;
		buf_add(out, slice_sub(in, 0, n));
		q->in_line = lf == NULL;
		in = slice_skip(in, n);
	}
}

void mbox_quote_finish(struct mbox_quoter *q, struct buf *out)
{
	buf_add(out, slice_make(from_word, q->matched));
	*q = (struct mbox_quoter){ 0 };
}

/* --- the append --- */

struct append {
	const struct mbox_spec *spec;
	const struct message *m;
	struct outcome *out;
	int fd;
	bool is_regular;
	off_t old_size;
};

/* What a failure's text begins with. */
static const char *prefix(const struct append *a, char *room, size_t size)
{
	const struct mbox_spec *spec = a->spec;

	if (spec->is_virtual)
		snprintf(room, size, "delivery failed to mailbox %s:", spec->path);
	else if (spec->is_mailbox)
		snprintf(room, size, "cannot update mailbox %s for user %s.", spec->path,
			 spec->user);
	else
		snprintf(room, size, "cannot append message to file %s:", spec->path);
	return room;
}

static enum rc fail(struct append *a, const char *what)
{
	char room[ERR_TEXT_MAX];
	int e = errno;

	outcome_errno(a->out, e, "%s %s", prefix(a, room, sizeof(room)), what);
	return RC_SYS;
}

static enum rc refuse(struct append *a, int status, const char *dsn, const char *why)
{
	char room[ERR_TEXT_MAX];

	outcome_set(a->out, status, dsn, "%s %s", prefix(a, room, sizeof(room)), why);
	return RC_DENIED;
}

static enum rc refuse_it(struct append *a, int status, const char *dsn, const char *why)
{
	char text[ERR_TEXT_MAX];

	snprintf(text, sizeof(text), "destination %s %s", a->spec->path, why);
	return refuse(a, status, dsn, text);
}

/* A file that mail may be appended to is an ordinary one, with one name, and not a program. */
static enum rc check_regular(struct append *a, const struct stat *st)
{
	char links[80];

	if (st->st_nlink != 1) {
		snprintf(links, sizeof(links), "file has %u hard links", (unsigned)st->st_nlink);
		return refuse(a, OUTCOME_BOUNCED, "5.2.0", links);
	}
	if (!a->spec->is_mailbox && (st->st_mode & 0111) != 0)
		return refuse(a, OUTCOME_BOUNCED, "5.7.1", "file is executable");
	if (a->spec->owner_must_match && st->st_uid != geteuid())
		return refuse_it(a, OUTCOME_DEFERRED, "4.2.0", "is not owned by recipient");
	return RC_OK;
}

/* Has root put the symbolic link PATH where it is? In a directory that others may write to they can
 * have moved it there. */
static bool is_roots_link(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat link, dir;
	char above[PATH_MAX];

	if (slash == NULL || (size_t)(slash - path) >= sizeof(above))
		return false;
	snprintf(above, sizeof(above), "%.*s", slash > path ? (int)(slash - path) : 1, path);
	return lstat(path, &link) == 0 && link.st_uid == 0 && stat(above, &dir) == 0 &&
	       dir.st_uid == 0 && (dir.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* A symbolic link is followed when root has put it there, and never for a user's mailbox: what it
 * leads to is outside the one directory that this process may see. */
static enum rc open_path(struct append *a)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	struct stat st;

	a->fd = open(a->spec->path, flags | O_NOFOLLOW, 0600);
	if (a->fd >= 0)
		return RC_OK;
	if (errno == ELOOP && lstat(a->spec->path, &st) == 0 && S_ISLNK(st.st_mode)) {
		if (a->spec->is_mailbox)
			return refuse(a, OUTCOME_DEFERRED, "4.2.0", "file is a symbolic link");
		if (!is_roots_link(a->spec->path))
			return refuse(a, OUTCOME_BOUNCED, "5.2.0", "file is a symbolic link");
		a->fd = open(a->spec->path, flags & ~O_CREAT);
	}
	return a->fd >= 0 ? RC_OK : fail(a, "cannot open file");
}

static enum rc open_mailbox(struct append *a)
{
	enum rc rc = open_path(a);
	struct stat st;

	if (rc != RC_OK)
		return rc;
	if (fstat(a->fd, &st) != 0)
		return fail(a, "cannot stat");
	a->is_regular = S_ISREG(st.st_mode);
	a->old_size = st.st_size;
	if (S_ISDIR(st.st_mode) || (a->spec->is_mailbox && !a->is_regular))
		return refuse_it(a, OUTCOME_BOUNCED, "5.2.0", "is not a regular file");
	return a->is_regular ? check_regular(a, &st) : RC_OK;
}

static enum rc lock_mailbox(struct append *a)
{
	struct stat st;

	if (!a->is_regular)
		return RC_OK;
	if (lock_file(a->fd, a->spec) != 0) {
		bool is_held = errno == EAGAIN;
		enum rc rc = fail(a, "unable to lock for exclusive access");

		return is_held ? RC_TEMP : rc;
	}
	if (fstat(a->fd, &st) != 0)
		return fail(a, "cannot stat");
	a->old_size = st.st_size;
	return RC_OK;
}

/* The size that the mailbox gets can only be known roughly before the quoting; so the limit is
 * kept while writing. */
static enum rc write_part(struct append *a, struct slice part, uint64_t *size)
{
	*size += part.n;
	if (a->is_regular && a->spec->limit_bytes > 0 && *size > a->spec->limit_bytes) {
		errno = EFBIG;
		return fail(a, "error writing message");
	}
	if (message_write(a->fd, part, (struct slice){ 0 }) != 0)
		return fail(a, "error writing message");
	return RC_OK;
}

static enum rc write_content(struct append *a, char *block, struct buf *quoted, uint64_t *size)
{
	struct mbox_quoter q = { 0 };
	struct err err = { 0 };
	struct slice part;
	uint64_t pos = 0;
	uint32_t crc = 0;
	char last = '\n';
	enum rc rc;

	while ((rc = message_read(a->m, block, &pos, &crc, &part, &err)) == RC_OK) {
		last = part.p[part.n - 1];
		buf_reset(quoted);
		mbox_quote(&q, part, quoted);
		if (write_part(a, buf_slice(quoted), size) != RC_OK)
			return RC_SYS;
	}
	if (rc != RC_END) {
		outcome_set(a->out, OUTCOME_DEFERRED, "4.3.0", "%s", err.text);
		return rc;
	}
	buf_reset(quoted);
	mbox_quote_finish(&q, quoted);
	buf_adds(quoted, last == '\n' ? "\n" : "\n\n");
	return write_part(a, buf_slice(quoted), size);
}

static enum rc write_message(struct append *a, struct slice from, char *block)
{
	uint64_t size = (uint64_t)a->old_size;
	struct buf quoted;
	enum rc rc;

	/* Each line of six bytes can grow by one. */
	buf_init(&quoted, 2 * MESSAGE_BLOCK);
	buf_add(&quoted, from);
	buf_add(&quoted, a->m->header);
	rc = write_part(a, buf_slice(&quoted), &size);
	if (rc == RC_OK)
		rc = write_content(a, block, &quoted, &size);
	if (rc == RC_OK && a->is_regular && fsync(a->fd) != 0)
		rc = fail(a, "error writing message");
	if (rc != RC_OK && a->is_regular && ftruncate(a->fd, a->old_size) != 0)
		outcome_set(a->out, OUTCOME_DEFERRED, "4.2.0", "cannot truncate %s",
			    a->spec->path);
	buf_done(&quoted);
	return rc;
}

/* Where the directory takes no lock file the other locks must do, if there are any. */
static enum rc lock_name(struct append *a, struct dot_lock *dot)
{
	const struct mbox_spec *spec = a->spec;
	char what[PATH_MAX + 100];
	struct stat st;
	bool is_held;

	if ((spec->locks & MBOX_LOCK_DOT) == 0 ||
	    (stat(spec->path, &st) == 0 && !S_ISREG(st.st_mode)) || lock_dot(dot, spec) == 0)
		return RC_OK;
	if (errno == EACCES && spec->locks != MBOX_LOCK_DOT)
		return RC_OK;
	is_held = errno == EAGAIN;
	snprintf(what, sizeof(what), "unable to create lock file %s%s%s", dot->path,
		 is_held ? ": " : "", is_held ? strerror(EEXIST) : "");
	if (!is_held)
		return fail(a, what);
	(void)!refuse(a, OUTCOME_DEFERRED, "4.2.0", what);
	return RC_TEMP;
}

enum rc mbox_append(const struct mbox_spec *spec, struct slice from, const struct message *m,
		    char *block, struct outcome *out)
{
	struct append a = { .spec = spec, .m = m, .out = out, .fd = -1 };
	struct dot_lock dot = { 0 };
	enum rc rc = lock_name(&a, &dot);

	if (rc == RC_OK)
		rc = open_mailbox(&a);
	if (rc == RC_OK)
		rc = lock_mailbox(&a);
	if (rc == RC_OK)
		rc = write_message(&a, from, block);
	if (a.fd >= 0)
		close(a.fd);
	unlock_dot(&dot);
	return rc;
}
