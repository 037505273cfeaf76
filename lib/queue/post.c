/* SPDX-License-Identifier: ISC */
#include "lib/queue/post.h"

#include <errno.h>
#include <unistd.h>

#include "lib/sys/crc.h"

static struct slice key_of(const uint32_t *id)
{
	return slice_make(id, sizeof(*id));
}

static void forget(struct post *p)
{
	(void)hash_remove(&p->poster->posts, key_of(&p->id));
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->poster = NULL;
}

void poster_init(struct poster *s)
{
	*s = (struct poster){ 0 };
	hash_init(&s->posts, POSTS_MAX, false);
}

void poster_done(struct poster *s)
{
	size_t pos = 0;
	void *p;

	while (hash_next(&s->posts, &pos, NULL, &p))
		forget(p);
	hash_done(&s->posts);
}

void poster_up(struct poster *s, struct ipc_chan *chan)
{
	s->chan = chan;
}

void poster_down(struct poster *s)
{
	size_t pos = 0;
	void *v;

	s->chan = NULL;
	while (hash_next(&s->posts, &pos, NULL, &v)) {
		struct post *p = v;

		forget(p);
		p->on_done(p, 451, SLICE_LIT("4.3.0"), SLICE_LIT("queue service unavailable"));
		pos = 0;	/* the callback may have opened or aborted others */
	}
}

bool post_open(struct poster *s, struct post *p, uint32_t flags, int64_t size_limit)
{
	if (s->chan == NULL)
		return false;
	p->poster = s;
	p->fd = -1;
	p->bytes = 0;
	p->crc = 0;
	p->queue_id.s[0] = '\0';
	do
		p->id = ++s->last_id;
	while (hash_get(&s->posts, key_of(&p->id)) != NULL);
	if (hash_put(&s->posts, key_of(&p->id), p, NULL) != RC_OK) {
		p->poster = NULL;
		return false;
	}
	cleanup_open_send(s->chan, &(struct cleanup_open){ .id = p->id, .flags = flags,
							   .size_limit = size_limit });
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

void post_mail(struct post *p, struct cleanup_mail *mail)
{
	mail->id = p->id;
	cleanup_mail_send(p->poster->chan, mail);
}

void post_rcpt(struct post *p, struct cleanup_rcpt *rcpt)
{
	rcpt->id = p->id;
	cleanup_rcpt_send(p->poster->chan, rcpt);
}

void post_commit(struct post *p, unsigned hops)
{
	cleanup_commit_send(p->poster->chan, &(struct cleanup_commit){
		.id = p->id, .content_bytes = (int64_t)p->bytes, .content_crc = p->crc,
		.hops = (uint16_t)(hops < UINT16_MAX ? hops : UINT16_MAX) });
	close(p->fd);
	p->fd = -1;
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
