/* SPDX-License-Identifier: ISC */
#include "imapd/sleep.h"

#include <poll.h>
#include <stdlib.h>

#include "imapd/sync.h"
#include "imapd/view.h"
#include "lib/ipc/imapstate.h"

enum { VIEW_BYTES_MAX = 20000, TOLD_MAX = 4096 };

/* --- falling asleep --- */

static void describe_box(const struct session *s, struct imap_state *m)
{
	struct store_box_info info;

	if (s->state != SESSION_SELECTED)
		return;
	store_box_info(s->box, &info);
	m->selected = true;
	m->mailbox = slice_str(s->box_name);
	m->readonly = s->box_mode == STORE_BOX_READONLY;
	m->uidvalidity = info.uidvalidity;
	m->told_flags = buf_slice(&s->told_flags);
}

/* VIEW is empty without a mailbox. */
static struct ipc_packet *write_down(const struct session *s, struct slice view)
{
	const struct session_stats *t = &s->stats;
	struct ipc_packet *k = ipc_packet_new(imap_state_type);
	struct imap_state m = {
		.tag = slice_str(s->tag), .view = view,
		.n_in = s->client.n_in, .n_out = s->client.n_out, .deleted = t->deleted,
		.expunged = t->expunged, .hdr_count = t->hdr_count, .hdr_bytes = t->hdr_bytes,
		.body_count = t->body_count, .body_bytes = t->body_bytes,
	};

	describe_box(s, &m);
	imap_state_put(&k, &m);
	return k;
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

/* The broker watches from before its answer on; what came earlier, our own watch has seen. */
static bool has_changed(struct session *s, int watch)
{
	if (watch >= 0)
		return is_readable(watch);
	session_sync(s, SYNC_ALL);
	return buf_len(client_out(&s->client)) > 0 || s->state == SESSION_OVER;
}

static bool give_away(struct session *s, struct ipc_packet *k, int watch)
{
	struct session_rest rest = { .state = slice_make(k->mem, k->n) };
	struct buf last_line;
	bool taken;

	if (s->state == SESSION_SELECTED) {
		rest.n_dirs = store_box_dirs(s->box, rest.dirs);
		if (rest.n_dirs == 0)
			return false;
	}
	buf_init(&last_line, SESSION_LAST_LINE_MAX);
	session_last_line(s, "Server shutting down.", &last_line);
	rest.last_line = buf_cstr(&last_line);
	taken = s->conf->sleep(s->conf->sleep_arg, &rest) && !has_changed(s, watch);
	buf_done(&last_line);
	return taken;
}

static bool put_view(const struct session *s, struct buf *out)
{
	const struct store_msg *msgs;
	uint32_t n;

	if (s->state != SESSION_SELECTED)
		return true;
	msgs = store_box_view(s->box, &n);
	return view_put(msgs, n, out) && buf_finish(out) == RC_OK;
}

bool session_fall_asleep(struct session *s, int watch)
{
	struct ipc_packet *k = NULL;
	struct buf view;

	client_flush(&s->client);
	if (s->client.gone || s->again_ms > 0 || client_input(&s->client).n > 0 ||
	    s->parser.used > 0 || buf_len(&s->told_flags) > TOLD_MAX)
		return false;
	buf_init(&view, VIEW_BYTES_MAX);
	if (put_view(s, &view))
		k = write_down(s, buf_slice(&view));
	buf_done(&view);
	s->is_asleep = k != NULL && !k->bad && give_away(s, k, watch);
	ipc_packet_free(&k);
	if (s->is_asleep)
		session_set_state(s, SESSION_OVER);
	return s->is_asleep;
}

/* --- waking up --- */

/* A client knows keywords by name, its view by letter: the letters that it was told of must still
 * mean the same. New ones come behind them. */
static bool keywords_are_the_same(struct session *s, struct slice told)
{
	struct slice list = slice_sub(told, 0, (size_t)(slice_chr(told, ')') + 1)), now;
	bool same = false;

	session_tell_flags(s);
	now = buf_slice(&s->told_flags);
	if (list.n > 0) {
		list.n--;
		same = slice_starts(now, list) && (now.p[list.n] == ')' || now.p[list.n] == ' ');
	}
	return same;
}

static void lost_box(struct session *s)
{
	session_bye(s, "Mailbox has changed, log in again.", "Mailbox changed during IDLE");
}

static void reopen_box(struct session *s, const struct imap_state *m)
{
	struct store_box_info info;
	struct store_msg *msgs;
	struct err err = { 0 };
	uint32_t n;
	enum rc rc;

	(void)slice_to_cstr(m->mailbox, s->box_name, sizeof(s->box_name));
	s->box_mode = m->readonly ? STORE_BOX_READONLY : 0;
	rc = store_box_open(s->store, s->box_name, s->box_mode, &s->box, &err);
	if (rc == RC_END) {
		session_bye_deleted(s);
		return;
	}
	if (rc != RC_OK) {
		s->conf->log(s->conf->log_arg, true, err.text);
		session_bye(s, "Internal error occurred. Refer to server log for more information.",
			    "Mailbox cannot be opened");
		return;
	}
	session_set_state(s, SESSION_SELECTED);
	store_box_info(s->box, &info);
	if (info.uidvalidity != m->uidvalidity || view_get(m->view, &msgs, &n) != RC_OK) {
		lost_box(s);
		return;
	}
	store_box_restore(s->box, msgs, n);
	buf_add(&s->told_flags, m->told_flags);
	if (!keywords_are_the_same(s, m->told_flags))
		lost_box(s);
}

enum rc session_wake_up(struct session *s, struct slice state, uint64_t sent_bytes,
			struct err *err)
{
	struct ipc_reader r;
	struct imap_state m;

	if (ipc_reader_init(&r, state, NULL, 0) != RC_OK || r.type != imap_state_type ||
	    imap_state_get(&r, &m) != RC_OK || !slice_to_cstr(m.tag, s->tag, sizeof(s->tag)))
		return err_set(err, RC_SYNTAX, "a session that slept cannot be read");
	s->client.n_in = m.n_in;
	s->client.n_out = m.n_out + sent_bytes;
	s->stats = (struct session_stats){
		.deleted = m.deleted, .expunged = m.expunged, .hdr_count = m.hdr_count,
		.hdr_bytes = m.hdr_bytes, .body_count = m.body_count, .body_bytes = m.body_bytes };
	if (m.selected)
		reopen_box(s, &m);
	return RC_OK;
}
