/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/store/maildir/md.h"

/* Messages are written (or linked) into tmp/ one by one. Commit, under the folder's lock: UIDs
 * into the uidlist, then the renames to new/, then the sync. A record without a file means nothing
 * to anyone, so a crash between leaves no half-known message. Flagged ones go to new/ too, flags in
 * their names, for to the first session that sees it any message is \Recent (RFC 3501, 2.3.2). */

enum { OUT_MAX = 64 << 10, COPY_TRIES = 3 };

struct pending {
	char tmp[MD_UNIQUE_MAX];	/* name in tmp/; "" when it is there no more */
	char base[MD_NAME_MAX];
	char info[64];			/* ":2,S", or "" */
	uint8_t flags;
	struct store_names keywords;
	char guid[MD_NAME_MAX + 2];	/* "Gname" of a copy */
};

struct md_append {
	struct store_append a;
	struct md_folder f;
	struct pending *v;
	size_t n, size;
	/* The message that is being written. */
	int fd;				/* -1: none */
	struct buf out;
	int64_t internaldate;
	uint64_t physical, crlf;
	bool held_cr;			/* a CR whose LF may come with the next piece */
	bool after_cr;			/* the last byte stored is a CR */
};

static struct md_append *self(struct store_append *a)
{
	return (struct md_append *)a;
}

static struct md_store *store_of(const struct md_append *m)
{
	return (struct md_store *)m->a.store;
}

static struct pending *last(struct md_append *m)
{
	return &m->v[m->n - 1];
}

static enum rc flush(struct md_append *m, struct err *err)
{
	enum rc rc = fs_write_all(m->fd, buf_slice(&m->out), last(m)->tmp, err);

	buf_reset(&m->out);
	return rc;
}

static enum rc put(struct md_append *m, struct slice s, struct err *err)
{
	enum rc rc = RC_OK;

	if (s.n == 0)
		return RC_OK;
	m->physical += s.n;
	m->crlf += s.n;
	m->after_cr = s.p[s.n - 1] == '\r';
	if (s.n > buf_room(&m->out))
		rc = flush(m, err);
	if (rc == RC_OK && s.n > buf_room(&m->out))
		return fs_write_all(m->fd, s, last(m)->tmp, err);
	buf_add(&m->out, s);
	return rc;
}

/* W= must be what a reader counts later: a LF that follows a CR by chance needs no other. */
static enum rc put_newline(struct md_append *m, struct err *err)
{
	bool save_crlf = m->a.store->save_crlf, extra = !save_crlf && !m->after_cr;
	enum rc rc = put(m, save_crlf ? SLICE_LIT("\r\n") : SLICE_LIT("\n"), err);

	m->crlf += extra;
	return rc;
}

static enum rc put_line_part(struct md_append *m, struct slice part, bool ends, struct err *err)
{
	enum rc rc = RC_OK;

	if (m->held_cr && (part.n > 0 || !ends))
		rc = put(m, SLICE_LIT("\r"), err);
	m->held_cr = false;
	if (part.n > 0 && part.p[part.n - 1] == '\r') {
		part.n--;
		m->held_cr = !ends;
	}
	if (rc == RC_OK)
		rc = put(m, part, err);
	if (rc == RC_OK && ends)
		rc = put_newline(m, err);
	return rc;
}

static enum rc md_write(struct store_append *a, struct slice data, struct err *err)
{
	struct md_append *m = self(a);
	enum rc rc = RC_OK;

	while (rc == RC_OK && data.n > 0) {
		ptrdiff_t lf = slice_chr(data, '\n');
		struct slice part = lf >= 0 ? slice_sub(data, 0, (size_t)lf) : data;

		rc = put_line_part(m, part, lf >= 0, err);
		data = slice_skip(data, part.n + (lf >= 0));
	}
	return rc;
}

/* The message's content is complete: time, sync, name. */
static enum rc close_message(struct md_append *m, struct err *err)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, { m->internaldate, 0 } };
	enum rc rc = RC_OK;

	if (m->fd < 0)
		return RC_OK;
	if (m->held_cr)
		rc = put(m, SLICE_LIT("\r"), err);
	if (rc == RC_OK)
		rc = flush(m, err);
	if (rc == RC_OK && m->internaldate >= 0 && futimens(m->fd, times) != 0)
		rc = fs_err(err, "futimens(%s)", last(m)->tmp);
	if (rc == RC_OK && !m->a.store->no_fsync && fsync(m->fd) != 0)
		rc = fs_err(err, "fsync(%s)", last(m)->tmp);
	if (close(m->fd) != 0 && rc == RC_OK)
		rc = fs_err(err, "close(%s)", last(m)->tmp);
	m->fd = -1;
	snprintf(last(m)->base, sizeof(last(m)->base), "%s,S=%" PRIu64 ",W=%" PRIu64,
		 last(m)->tmp, m->physical, m->crlf);
	return rc;
}

static enum rc new_pending(struct md_append *m, const struct store_append_meta *meta,
			   struct err *err)
{
	struct pending *p;
	enum rc rc = close_message(m, err);

	if (rc != RC_OK)
		return rc;
	if (m->n == m->size) {
		m->size = m->size > 0 ? 2 * m->size : 4;
		m->v = mem_grow(m->v, m->size, sizeof(*m->v));
	}
	p = &m->v[m->n++];
	*p = (struct pending){ .flags = meta->flags & STORE_FLAGS_ALL };
	for (size_t i = 0; i < meta->n_keywords && rc == RC_OK; i++)
		if (md_keyword_is_valid(meta->keywords[i]))
			rc = store_names_add(&p->keywords, meta->keywords[i]);
	md_unique_name(store_of(m), p->tmp);
	return rc;
}

static enum rc md_message(struct store_append *a, const struct store_append_meta *meta,
			  struct err *err)
{
	struct md_append *m = self(a);
	enum rc rc = new_pending(m, meta, err);

	if (rc != RC_OK)
		return rc;
	m->fd = fs_open(m->f.tmp, last(m)->tmp, O_WRONLY | O_CREAT | O_EXCL,
			store_of(m)->file_mode);
	if (m->fd < 0) {
		rc = fs_err(err, "open(%s)", last(m)->tmp);
		last(m)->tmp[0] = '\0';
		return rc;
	}
	m->internaldate = meta->internaldate;
	m->physical = m->crlf = 0;
	m->held_cr = m->after_cr = false;
	return RC_OK;
}

/* Link the message's file into tmp/. RC_MORE: this file system or file cannot be linked. */
static enum rc link_source(struct md_append *m, struct md_box *from, uint32_t uid, struct err *err)
{
	for (int try = 0; try < COPY_TRIES; try++) {
		char name[MD_NAME_MAX + 1];
		struct md_row *row;
		enum rc rc = try > 0 ? md_sync_again(from, err) : RC_OK;

		if (rc == RC_OK)
			rc = md_row_of(from, uid, &row);
		if (rc != RC_OK)
			return rc;
		if (linkat(md_row_file(from, row, name), name, m->f.tmp, last(m)->tmp, 0) == 0)
			return RC_OK;
		if (errno != ENOENT)
			return RC_MORE;
	}
	return RC_END;
}

/* The name says the sizes as the source does; the GUID stays that of the source. */
static void name_copy(struct md_append *m, struct md_box *from, uint32_t uid)
{
	struct pending *p = last(m);
	uint64_t physical, crlf;
	struct slice guid;

	if (md_box_size(&from->b, uid, STORE_SIZE_PHYSICAL, &physical, NULL) == RC_OK &&
	    md_box_size(&from->b, uid, STORE_SIZE_CRLF, &crlf, NULL) == RC_OK)
		snprintf(p->base, sizeof(p->base), "%s,S=%" PRIu64 ",W=%" PRIu64, p->tmp,
			 physical, crlf);
	else
		snprintf(p->base, sizeof(p->base), "%s", p->tmp);
	if (md_box_attr(&from->b, uid, STORE_ATTR_GUID, &guid) && slice_chr(guid, ' ') < 0 &&
	    guid.n < sizeof(p->guid) - 1)
		snprintf(p->guid, sizeof(p->guid), "G%.*s", SLICE_ARG(guid));
}

static enum rc md_copy(struct store_append *a, struct store_box *from, uint32_t uid,
		       const struct store_append_meta *meta, struct err *err)
{
	struct md_append *m = self(a);
	enum rc rc;

	/* A box of another back end has no files to link. */
	if (from->ops->sync != md_sync)
		return RC_MORE;
	rc = new_pending(m, meta, err);
	if (rc != RC_OK)
		return rc;
	rc = link_source(m, (struct md_box *)from, uid, err);
	if (rc != RC_OK) {
		store_names_done(&last(m)->keywords);
		m->n--;
		return rc;
	}
	name_copy(m, (struct md_box *)from, uid);
	return RC_OK;
}

/* Letters for all keywords of all messages; what finds no letter is left out. */
static enum rc name_infos(struct md_append *m, struct err *err)
{
	struct md_keywords k = { 0 };
	struct fs_stamp stamp;
	bool loaded = false, grown = false;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < m->n && rc == RC_OK; i++) {
		struct pending *p = &m->v[i];
		uint32_t bits = 0;
		struct buf info;

		if (p->keywords.n > 0 && !loaded)
			rc = md_keywords_load(m->f.dir, &k, &stamp, err);
		loaded = loaded || p->keywords.n > 0;
		for (size_t j = 0; j < p->keywords.n; j++) {
			struct slice name = slice_str(p->keywords.v[j]);
			int bit = md_keywords_find(&k, name);

			if (bit < 0) {
				bit = md_keywords_add(&k, name);
				grown = grown || bit >= 0;
			}
			if (bit >= 0)
				bits |= 1u << bit;
		}
		if (p->flags == 0 && bits == 0)
			continue;
		buf_init(&info, sizeof(p->info) - 1);
		md_name_put_info((struct slice){ NULL, 0 }, p->flags, bits, &info);
		memcpy(p->info, buf_cstr(&info), buf_len(&info) + 1);
		buf_done(&info);
	}
	if (rc == RC_OK && grown)
		rc = md_keywords_save(store_of(m), m->f.dir, &k, &stamp, err);
	return rc;
}

/* The mailbox's uidlist in a state that can be appended to, as short as it can be had. */
static enum rc ready_uidlist(struct md_append *m, struct md_table *t, struct err *err)
{
	uint32_t uidvalidity, uidnext;
	struct err why = { 0 };
	enum rc rc = md_uidfile_peek(m->f.dir, &uidvalidity, &uidnext, err);

	if (rc == RC_OK) {
		t->head = (struct md_uidlist_head){ .version = 3, .uidvalidity = uidvalidity,
						    .uidnext = uidnext };
		return RC_OK;
	}
	if (rc != RC_MORE)
		return rc;
	rc = md_uidfile_load(m->f.dir, t, NULL, &why);
	if (rc == RC_END || rc == RC_SYNTAX)
		rc = md_uidfile_start(store_of(m), t, err);
	else if (rc != RC_OK)
		return err_set(err, rc, "%s", why.text);
	if (rc == RC_OK)
		rc = md_uidfile_rewrite(store_of(m), m->f.dir, t, true, NULL, err);
	return rc;
}

static enum rc give_uids(struct md_append *m, struct store_appended *out, struct err *err)
{
	struct md_table t;
	size_t first;
	enum rc rc;

	md_table_init(&t);
	rc = ready_uidlist(m, &t, err);
	first = t.n;
	out->uidvalidity = t.head.uidvalidity;
	out->uids = mem_new(m->n + 1, sizeof(*out->uids));
	out->n = m->n;
	for (size_t i = 0; i < m->n && rc == RC_OK; i++) {
		uint32_t row;

		rc = md_table_add(&t, slice_str(m->v[i].base), slice_str(m->v[i].guid), &row);
		if (rc == RC_OK)
			out->uids[i] = t.v[row].uid;
		else
			rc = err_set(err, rc, "no UID is left in this mailbox");
	}
	if (rc == RC_OK && m->n > 0)
		rc = md_uidfile_append(store_of(m), m->f.dir, &t, first, true, NULL, err);
	md_table_done(&t);
	return rc;
}

static void final_name(const struct pending *p, char out[2 * MD_NAME_MAX])
{
	snprintf(out, 2 * MD_NAME_MAX, "%s%s", p->base, p->info);
}

/* All of them or none: what was moved before a failure is taken back. */
static enum rc publish(struct md_append *m, struct err *err)
{
	char name[2 * MD_NAME_MAX];
	size_t done;
	enum rc rc = RC_OK;

	for (done = 0; done < m->n; done++) {
		struct pending *p = &m->v[done];

		final_name(p, name);
		if (fs_rename_new(m->f.tmp, p->tmp, m->f.new, name) != 0) {
			rc = fs_err(err, "rename(%s)", p->tmp);
			break;
		}
	}
	if (rc == RC_OK && !m->a.store->no_fsync && fsync(m->f.new) != 0)
		rc = fs_err(err, "fsync(new)");
	for (size_t i = 0; i < done; i++) {
		struct pending *p = &m->v[i];

		p->tmp[0] = '\0';
		final_name(p, name);
		if (rc != RC_OK)
			(void)unlinkat(m->f.new, name, 0);
	}
	return rc;
}

static enum rc md_commit(struct store_append *a, struct store_appended *out, struct err *err)
{
	struct md_append *m = self(a);
	struct md_lock lock = MD_LOCK_NONE;
	enum rc rc = close_message(m, err);

	*out = (struct store_appended){ 0 };
	if (rc == RC_OK)
		rc = md_lock_folder(store_of(m), m->f.dir, &lock, err);
	if (rc == RC_OK)
		rc = name_infos(m, err);
	if (rc == RC_OK)
		rc = give_uids(m, out, err);
	if (rc == RC_OK)
		rc = publish(m, err);
	md_lock_drop(&lock);
	if (rc != RC_OK)
		store_appended_done(out);
	return rc;
}

static void md_append_free(struct store_append *a)
{
	struct md_append *m = self(a);

	if (m->fd >= 0)
		close(m->fd);
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].tmp[0] != '\0')
			(void)unlinkat(m->f.tmp, m->v[i].tmp, 0);
		store_names_done(&m->v[i].keywords);
	}
	free(m->v);
	buf_done(&m->out);
	md_folder_close(&m->f);
	free(m);
}

static const struct store_append_ops ops = {
	.free = md_append_free, .message = md_message, .write = md_write, .copy = md_copy,
	.commit = md_commit,
};

enum rc md_append_begin(struct store *s, const char *name, struct store_append **out,
			struct err *err)
{
	struct md_append *m = mem_new(1, sizeof(*m));
	enum rc rc = s->ops->exists(s, name, err);

	m->a = (struct store_append){ .ops = &ops, .store = s };
	m->fd = -1;
	m->f = MD_FOLDER_NONE;
	buf_init(&m->out, OUT_MAX);
	if (rc == RC_OK)
		rc = md_folder_open((struct md_store *)s, name, &m->f, err);
	if (rc != RC_OK) {
		md_append_free(&m->a);
		return rc;
	}
	*out = &m->a;
	return RC_OK;
}
