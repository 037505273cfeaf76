/* SPDX-License-Identifier: ISC */
#include "lib/queue/post.h"

#include <errno.h>
#include <unistd.h>

#include "lib/sys/crc.h"

enum { STEP = 500, WAIT_MS = 5 };

static struct slice key_of(const uint32_t *id)
{
	return slice_make(id, sizeof(*id));
}

static void forget(struct post *p)
{
	(void)hash_remove(&p->poster->posts, key_of(&p->id));
	list_remove(&p->sending);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->poster = NULL;
}

void poster_init(struct poster *s)
{
	*s = (struct poster){ 0 };
	hash_init(&s->posts, POSTS_MAX, false);
	list_init(&s->sending);
}

void poster_done(struct poster *s)
{
	size_t pos = 0;
	void *p;

	if (s->chan != NULL)
		timer_stop(&s->step);
	while (hash_next(&s->posts, &pos, NULL, &p))
		forget(p);
	hash_done(&s->posts);
}

static void run_step(struct timer *t);

void poster_up(struct poster *s, struct ipc_chan *chan)
{
	s->chan = chan;
	timer_init(&s->step, chan->loop, run_step);
}

void poster_down(struct poster *s)
{
	size_t pos = 0;
	void *v;

	if (s->chan != NULL)
		timer_stop(&s->step);
	s->chan = NULL;
	while (hash_next(&s->posts, &pos, NULL, &v)) {
		struct post *p = v;

		forget(p);
		p->on_done(p, 451, SLICE_LIT("4.3.0"), SLICE_LIT("queue service unavailable"));
		pos = 0;	/* the callback may have opened or aborted others */
	}
}

bool post_open(struct poster *s, struct post *p, uint32_t flags)
{
	if (s->chan == NULL)
		return false;
	p->poster = s;
	p->fd = -1;
	p->bytes = 0;
	p->crc = 0;
	p->queue_id.s[0] = '\0';
	list_init(&p->sending);
	do
		p->id = ++s->last_id;
	while (hash_get(&s->posts, key_of(&p->id)) != NULL);
	if (hash_put(&s->posts, key_of(&p->id), p, NULL) != RC_OK) {
		p->poster = NULL;
		return false;
	}
	cleanup_open_send(s->chan, &(struct cleanup_open){ .id = p->id, .flags = flags,
							   .size_limit = INT64_MAX });
	return true;
}

enum rc poster_on_opened(struct poster *s, struct ipc_reader *r)
{
	struct cleanup_opened m;
	struct post *p;

	if (cleanup_opened_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	p = hash_get(&s->posts, key_of(&m.id));
	if (p == NULL || p->fd >= 0 || queue_id_parse(m.queue_id, &p->queue_id) != RC_OK) {
		close(m.file);	/* given up meanwhile */
		return p == NULL ? RC_OK : RC_SYNTAX;
	}
	p->fd = m.file;
	p->on_open(p);
	return RC_OK;
}

enum rc poster_on_done(struct poster *s, struct ipc_reader *r)
{
	struct cleanup_done m;
	struct post *p;

	if (cleanup_done_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	p = hash_get(&s->posts, key_of(&m.id));
	if (p == NULL)
		return RC_OK;
	forget(p);
	p->on_done(p, m.code, m.dsn, m.text);
	return RC_OK;
}

enum rc poster_on_move(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct cleanup_move m;

	(void)chan;
	return cleanup_move_get(r, &m);
}

enum rc post_write(struct post *p, struct slice s, struct err *err)
{
	p->crc = crc32c(p->crc, s);
	p->bytes += s.n;
	while (s.n > 0) {
		ssize_t n = write(p->fd, s.p, s.n);

		if (n < 0 && errno != EINTR)
			return err_sys(err, "write queue file");
		if (n > 0)
			s = slice_skip(s, (size_t)n);
	}
	return RC_OK;
}

/* --- the envelope --- */

static void commit(struct post *p)
{
	list_remove(&p->sending);
	cleanup_commit_send(p->poster->chan, &(struct cleanup_commit){
		.id = p->id, .content_bytes = (int64_t)p->bytes, .content_crc = p->crc,
		.hops = (uint16_t)(p->hops < UINT16_MAX ? p->hops : UINT16_MAX) });
	close(p->fd);
	p->fd = -1;
}

static void send_some(struct post *p)
{
	size_t end = p->n_rcpts - p->next_rcpt > STEP ? p->next_rcpt + STEP : p->n_rcpts;

	for (; p->next_rcpt < end; p->next_rcpt++) {
		struct cleanup_rcpt rcpt = { 0 };

		if (!p->rcpt(p, p->next_rcpt, &rcpt))
			continue;
		rcpt.id = p->id;
		cleanup_rcpt_send(p->poster->chan, &rcpt);
	}
	if (p->next_rcpt == p->n_rcpts)
		commit(p);
}

static void run_step(struct timer *t)
{
	struct poster *s = LIST_ENTRY(t, struct poster, step);

	while (!list_is_empty(&s->sending) && ipc_chan_backlog(s->chan) < POST_BACKLOG) {
		struct list *first = list_pop(&s->sending);

		list_append(&s->sending, first);	/* the others' turn comes first */
		send_some(LIST_ENTRY(first, struct post, sending));
	}
	if (!list_is_empty(&s->sending))
		timer_start(t, WAIT_MS);
}

void post_envelope(struct post *p, struct cleanup_mail *mail, size_t n, unsigned hops)
{
	struct poster *s = p->poster;

	mail->id = p->id;
	cleanup_mail_send(s->chan, mail);
	p->next_rcpt = 0;
	p->n_rcpts = n;
	p->hops = hops;
	list_append(&s->sending, &p->sending);
	run_step(&s->step);
}

void post_abort(struct post *p)
{
	struct poster *s = p->poster;

	if (s == NULL)
		return;
	if (s->chan != NULL)
		cleanup_abort_send(s->chan, &(struct cleanup_abort){ .id = p->id });
	forget(p);
}
