/* SPDX-License-Identifier: ISC */
#include "lib/store/box.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/store/backend.h"

/* The view: msgs[] as the client knows it. update_view() is the only function that changes
 * numbers. */

static struct store_msg *msg_at(const struct store_box *b, uint32_t seq)
{
	return &b->msgs[seq - 1];
}

static void append_msg(struct store_box *b, const struct store_disk_msg *d)
{
	if (b->n == b->size) {
		b->size = b->size > 0 ? 2 * b->size : 64;
		b->msgs = mem_grow(b->msgs, b->size, sizeof(*b->msgs));
	}
	b->msgs[b->n++] = (struct store_msg){ .modseq = b->modseq, .keywords = d->keywords,
					      .uid = d->uid, .flags = d->flags,
					      .recent = d->recent };
}

static void mark_gone(struct store_box *b, struct store_msg *m)
{
	if (m->gone)
		return;
	m->gone = true;
	m->modseq = b->modseq;
	b->n_gone++;
}

static bool take_flags(struct store_box *b, struct store_msg *m, const struct store_disk_msg *d)
{
	if (m->flags == d->flags && m->keywords == d->keywords)
		return false;
	m->flags = d->flags;
	m->keywords = d->keywords;
	m->modseq = b->modseq;
	return true;
}

/* Walk view and table side by side. A message that turns up below the last UID of the view was
 * missed by an earlier look at the disk: it cannot be given a number now and waits for the next
 * session. Returns how many numbers CHANGED holds. */
static size_t merge(struct store_box *b, uint32_t *changed)
{
	size_t n_disk = b->ops->count(b), i = 0, n_changed = 0;
	uint32_t old_n = b->n, seq = 1;
	struct store_disk_msg d = { 0 };

	if (n_disk > 0)
		b->ops->disk_msg(b, 0, &d);
	while (seq <= old_n) {
		struct store_msg *m = msg_at(b, seq);

		if (i == n_disk || d.uid > m->uid) {
			mark_gone(b, m);
			seq++;
			continue;
		}
		if (d.uid == m->uid) {
			if (!m->gone && take_flags(b, m, &d))
				changed[n_changed++] = seq;
			seq++;
		}
		if (++i < n_disk)
			b->ops->disk_msg(b, i, &d);
	}
	for (; i < n_disk; i++) {
		b->ops->disk_msg(b, i, &d);
		if (old_n == 0 || d.uid > b->msgs[old_n - 1].uid)
			append_msg(b, &d);
	}
	b->stale = false;
	return n_changed;
}

/* Give up the numbers of what is gone; CHANGED is renumbered, ANSWER filled highest first. */
static void squeeze(struct store_box *b, struct store_changes *answer)
{
	uint32_t to = 0, at = b->n_gone;
	size_t k = 0, kept = 0;

	b->gone = mem_grow(b->gone, b->n_gone, sizeof(*b->gone));
	answer->gone = b->gone;
	answer->n_gone = b->n_gone;
	for (uint32_t from = 0; from < b->n; from++) {
		bool is_changed = k < answer->n_flags && b->changed[k] == from + 1;

		k += is_changed;
		if (b->msgs[from].gone) {
			b->gone[--at] = (struct store_gone){ from + 1, b->msgs[from].uid };
			continue;
		}
		if (is_changed)
			b->changed[kept++] = to + 1;
		b->msgs[to++] = b->msgs[from];
	}
	answer->n_flags = kept;
	b->n = to;
	b->n_gone = 0;
}

static void update_view(struct store_box *b, unsigned how, struct store_changes *answer)
{
	uint32_t old_n = b->n;

	if (b->stale) {
		b->modseq++;
		b->changed = mem_grow(b->changed, (size_t)b->n + 1, sizeof(*b->changed));
		answer->flags = b->changed;
		answer->n_flags = merge(b, b->changed);
		answer->n_new = b->n - old_n;
	}
	if ((how & STORE_KEEP_GONE) == 0 && b->n_gone > 0)
		squeeze(b, answer);
	answer->keywords = b->keywords_changed;
	b->keywords_changed = false;
}

enum rc store_box_refresh(struct store_box *b, unsigned how, struct store_changes *out,
			  struct err *err)
{
	bool deleted = false;
	unsigned again_ms = 0;
	enum rc rc = b->ops->sync(b, how, &deleted, &again_ms, err);

	*out = (struct store_changes){ 0 };
	if (rc == RC_END && deleted)
		return RC_END;
	if (rc != RC_OK && rc != RC_END)
		return rc;
	if (rc == RC_OK)
		b->stale = true;
	update_view(b, how, out);
	out->again_ms = again_ms;
	return RC_OK;
}

/* Modseqs begin at the clock, so that they never go back between two sessions. */
void store_box_first_view(struct store_box *b)
{
	struct store_changes none = { 0 };
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	b->modseq = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
	b->stale = true;
	update_view(b, 0, &none);
}

const struct store_msg *store_box_view(const struct store_box *b, uint32_t *ret_n)
{
	*ret_n = b->n;
	return b->msgs;
}

void store_box_restore(struct store_box *b, struct store_msg *msgs, uint32_t n)
{
	free(b->msgs);
	b->msgs = msgs;
	b->n = b->size = n;
	b->n_gone = 0;
	for (uint32_t i = 0; i < n; i++)
		msgs[i].modseq = b->modseq;
	b->stale = true;
}

void store_box_free(struct store_box **b)
{
	struct store_box *box = *b;

	if (box == NULL)
		return;
	free(box->msgs);
	free(box->gone);
	free(box->changed);
	box->ops->free(box);
	*b = NULL;
}

void store_box_info(const struct store_box *b, struct store_box_info *out)
{
	*out = (struct store_box_info){ .count = b->n, .uidvalidity = b->uidvalidity,
					.uidnext = b->uidnext, .modseq = b->modseq,
					.readonly = b->readonly,
					.keywords_room = !b->readonly &&
							 b->ops->keywords_room(b) };
}

const struct store_msg *store_box_msg(const struct store_box *b, uint32_t seq)
{
	return msg_at(b, seq);
}

uint32_t store_box_seq(const struct store_box *b, uint32_t uid)
{
	uint32_t lo = 0, hi = b->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (b->msgs[mid].uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo + 1;
}

const char *store_box_keyword(const struct store_box *b, unsigned bit)
{
	return b->ops->keyword(b, bit);
}

enum rc store_box_keyword_bit(struct store_box *b, struct slice name, bool create,
			      unsigned *ret_bit, struct err *err)
{
	return b->ops->keyword_bit(b, name, create && !b->readonly, ret_bit, err);
}

static bool is_same(const struct store_disk_msg *a, const struct store_disk_msg *b)
{
	return a->flags == b->flags && a->keywords == b->keywords;
}

static enum rc set_one(struct store_box *b, struct store_msg *m, const struct store_flag_op *op,
		       enum store_outcome *ret, struct err *err)
{
	struct store_disk_msg old, now;
	enum rc rc;

	if (m->gone) {
		*ret = STORE_GONE;
		return RC_OK;
	}
	if (op->unchanged_since != 0 && m->modseq > op->unchanged_since) {
		*ret = STORE_MODIFIED;
		return RC_OK;
	}
	rc = b->ops->set_flags(b, m->uid, op, &old, &now, err);
	if (rc == RC_END) {
		*ret = STORE_GONE;
		mark_gone(b, m);
		return RC_OK;
	}
	if (rc == RC_OK) {
		*ret = is_same(&old, &now) ? STORE_SAME : STORE_DONE;
		(void)take_flags(b, m, &now);
	}
	return rc;
}

enum rc store_box_set_flags(struct store_box *b, const uint32_t *seqs, size_t n,
			    const struct store_flag_op *op, enum store_outcome *ret,
			    struct err *err)
{
	enum store_outcome outcome;
	enum rc rc;

	if (b->readonly)
		return err_set(err, RC_DENIED, "Mailbox is read-only");
	rc = b->ops->change_begin(b, err);
	if (rc != RC_OK)
		return rc;
	b->modseq++;
	for (size_t i = 0; i < n; i++) {
		outcome = STORE_REFUSED;
		if (rc == RC_OK)
			rc = set_one(b, msg_at(b, seqs[i]), op, &outcome, err);
		if (ret != NULL)
			ret[i] = outcome;
	}
	b->ops->change_end(b);
	return rc;
}

enum rc store_box_expunge(struct store_box *b, const uint32_t *seqs, size_t n, struct err *err)
{
	enum rc rc;

	if (b->readonly)
		return err_set(err, RC_DENIED, "Mailbox is read-only");
	rc = b->ops->change_begin(b, err);
	if (rc != RC_OK)
		return rc;
	b->modseq++;
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		struct store_msg *m = msg_at(b, seqs[i]);

		if (m->gone)
			continue;
		rc = b->ops->expunge(b, m->uid, err);
		if (rc == RC_END)
			rc = RC_OK;
		if (rc == RC_OK)
			mark_gone(b, m);
	}
	b->ops->change_end(b);
	return rc;
}

enum rc store_box_size(struct store_box *b, uint32_t seq, enum store_size which, uint64_t *out,
		       struct err *err)
{
	return b->ops->size(b, msg_at(b, seq)->uid, which, out, err);
}

enum rc store_box_date(struct store_box *b, uint32_t seq, int64_t *ret_internaldate,
		       struct err *err)
{
	return b->ops->date(b, msg_at(b, seq)->uid, ret_internaldate, err);
}

bool store_box_attr(const struct store_box *b, uint32_t seq, enum store_attr which,
		    struct slice *out)
{
	return b->ops->attr(b, msg_at(b, seq)->uid, which, out);
}

enum rc store_box_read(struct store_box *b, uint32_t seq, struct store_content *out,
		       struct err *err)
{
	*out = (struct store_content){ .fd = -1 };
	return b->ops->read(b, msg_at(b, seq)->uid, out, err);
}

void store_content_done(struct store_content *c)
{
	if (c->map == NULL)
		return;
	if (c->map_n > 0)
		munmap(c->map, c->map_n);
	else
		free(c->map);
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct store_content){ .fd = -1 };
}

enum rc store_box_watch(struct store_box *b, int *ret_fd, struct err *err)
{
	return b->ops->watch(b, ret_fd, err);
}

size_t store_box_dirs(const struct store_box *b, int ret[STORE_DIRS_MAX])
{
	return b->ops->dirs(b, ret);
}

uint64_t store_wire_size(struct slice s)
{
	uint64_t n = s.n;
	const char *p = s.p, *end = s.p + s.n;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n += p == s.p || p[-1] != '\r';
		p++;
	}
	return n;
}

uint64_t store_box_wire_size(struct store_box *b, uint32_t seq, const struct store_content *c)
{
	uint64_t n = store_wire_size(c->bytes);

	b->ops->learn_size(b, msg_at(b, seq)->uid, c->bytes.n, n);
	return n;
}
