/* Questions to other programs: ids, and the way of answers back to the session that waits. An
 * answer whose session is gone, or no longer waits for it, is dropped. */
/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "lib/daemon/peer.h"
#include "smtpd/names.h"
#include "smtpd/session.h"

/* Channels here are those of peers, and peers are the server's. */
static struct smtpd *server_of(const struct ipc_chan *chan)
{
	return ((const struct peer *)chan->owner)->owner;
}

static struct slice key_of(const uint32_t *id)
{
	return slice_make(id, sizeof(*id));
}

static struct session *find(struct smtpd *d, uint32_t id)
{
	return hash_get(&d->requests, key_of(&id));
}

uint32_t ask_begin(struct session *s)
{
	struct smtpd *d = s->d;
	uint32_t id;

	do
		id = ++d->next_id;
	while (id == 0 || find(d, id) != NULL);
	if (hash_put(&d->requests, key_of(&id), s, NULL) != RC_OK)
		return 0;
	return id;
}

void ask_end(struct session *s, uint32_t *id)
{
	if (*id != 0)
		hash_remove(&s->d->requests, key_of(id));
	*id = 0;
}

static bool is_up(const struct ipc_chan *c)
{
	return c != NULL && ipc_chan_is_open(c);
}

bool ask_rate(struct session *s, unsigned kind)
{
	struct ipc_chan *chan = s->d->anvil;

	s->has_rate = true;
	s->counts = (struct anvil_counts){ 0 };
	if (!is_up(chan) || (s->request = ask_begin(s)) == 0)
		return true;	/* limits fail open */
	s->has_rate = false;
	s->waits |= WAITS_ANVIL;
	if (kind == 0) {
		s->is_counted = true;
		anvil_connect_send(chan, &(struct anvil_connect){
			.id = s->request, .key = slice_str(s->key) });
	} else {
		anvil_event_send(chan, &(struct anvil_event){
			.id = s->request, .kind = (uint8_t)kind, .key = slice_str(s->key) });
	}
	return false;
}

/* --- anvil --- */

static enum rc on_counts(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct smtpd *d = server_of(chan);
	struct anvil_counts m;
	struct session *s;

	if (anvil_counts_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = find(d, m.id);
	if (s == NULL || s->request != m.id)
		return RC_OK;
	s->counts = m;
	s->has_rate = true;
	ask_end(s, &s->request);
	session_done_waiting(s, WAITS_ANVIL);
	return RC_OK;
}

const struct ipc_handler smtpd_anvil_handlers[1] = { { anvil_counts_type, 0, on_counts } };

/* --- resolver --- */

enum { STATUS_FOUND = 0 };

static enum rc on_record(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct resolver_record m;

	(void)chan;
	return resolver_record_get(r, &m);	/* names of clients need no records */
}

static enum rc on_name(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct smtpd *d = server_of(chan);
	struct resolver_answer m;
	struct session *s;

	if (resolver_answer_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = find(d, m.id);
	if (s == NULL || s->request != m.id)
		return RC_OK;
	ask_end(s, &s->request);
	if (m.status == STATUS_FOUND && m.name.n > 0 &&
	    slice_to_cstr(m.name, s->name, sizeof(s->name)))
		s->has_verified_name = true;
	else if (m.name.n > 0)
		log_warn(&s->log, "hostname %.*s does not resolve to address %s", SLICE_ARG(m.name),
			 s->addr);
	if (s->has_verified_name)
		names_keep(d->names, s->addr, s->name, loop_now_ms(d->loop));
	session_done_waiting(s, WAITS_NAME);
	return RC_OK;
}

const struct ipc_handler smtpd_resolver_handlers[2] = {
	{ resolver_record_type, 0, on_record },
	{ resolver_answer_type, 0, on_name },
};

/* --- cleanup --- */

static enum rc on_opened(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct smtpd *d = server_of(chan);
	struct cleanup_opened m;
	struct session *s;

	if (cleanup_opened_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = find(d, m.id);
	if (s == NULL || s->message.id != m.id) {
		close(m.file);
		return RC_OK;
	}
	message_opened(s, &m);
	return RC_OK;
}

static enum rc on_done(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct smtpd *d = server_of(chan);
	struct cleanup_done m;
	struct session *s;

	if (cleanup_done_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = find(d, m.id);
	if (s != NULL && s->message.id == m.id)
		message_answered(s, &m);
	return RC_OK;
}

static enum rc on_move(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct smtpd *d = server_of(chan);
	struct cleanup_move m;

	if (cleanup_move_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (d->on_move != NULL && chan == d->cleanup)
		d->on_move(d);
	return RC_OK;
}

const struct ipc_handler smtpd_cleanup_handlers[3] = {
	{ cleanup_opened_type, 0, on_opened },
	{ cleanup_done_type, 0, on_done },
	{ cleanup_move_type, 0, on_move },
};

/* --- auth --- */

static struct session *waiting_for_auth(struct smtpd *d, uint32_t id)
{
	struct session *s = find(d, id);

	return s != NULL && s->request == id && (s->waits & WAITS_AUTH) ? s : NULL;
}

static enum rc on_mechanisms(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct smtpd *d = server_of(chan);
	struct auth_mechanisms m;

	if (auth_mechanisms_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (!slice_to_cstr(m.plaintext, d->mechs_plaintext, sizeof(d->mechs_plaintext)) ||
	    !slice_to_cstr(m.others, d->mechs_others, sizeof(d->mechs_others)))
		return RC_SYNTAX;
	return RC_OK;
}

static enum rc on_challenge(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct auth_challenge m;
	struct session *s;

	if (auth_challenge_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = waiting_for_auth(server_of(chan), m.id);
	if (s == NULL)
		return RC_OK;
	smtp_server_challenge(&s->smtp, m.data);
	session_done_waiting(s, WAITS_AUTH);
	return RC_OK;
}

static enum rc on_success(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct auth_success m;
	struct session *s;

	if (auth_success_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = waiting_for_auth(server_of(chan), m.id);
	if (s != NULL)
		auth_answer_success(s, &m);
	return RC_OK;
}

static enum rc on_failure(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct auth_failure m;
	struct session *s;

	if (auth_failure_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	s = waiting_for_auth(server_of(chan), m.id);
	if (s != NULL)
		auth_answer_failure(s, &m);
	return RC_OK;
}

const struct ipc_handler smtpd_auth_handlers[4] = {
	{ auth_mechanisms_type, 0, on_mechanisms },
	{ auth_challenge_type, 0, on_challenge },
	{ auth_success_type, 0, on_success },
	{ auth_failure_type, 0, on_failure },
};

/* --- coming and going --- */

void smtpd_channel_up(struct smtpd *d, struct ipc_chan **slot, struct ipc_chan *chan)
{
	*slot = chan;
	if (slot != &d->cleanup)
		return;
	LIST_EACH(node, &d->sessions)
		message_channel_up(LIST_ENTRY(node, struct session, link));
}

/* Whoever waits for an answer on this channel gets the one that stands for silence. */
static void give_up(struct session *s, enum waits what)
{
	struct auth_failure silence = { .id = s->request, .code = AUTH_FAIL_TEMPORARY,
					.reason = SLICE_LIT("Connection lost to authentication "
							    "server") };

	switch (what) {
	case WAITS_AUTH:
		auth_answer_failure(s, &silence);
		break;
	case WAITS_ANVIL:
		s->has_rate = true;
		s->counts = (struct anvil_counts){ 0 };
		ask_end(s, &s->request);
		session_done_waiting(s, what);
		break;
	default:
		ask_end(s, &s->request);
		session_done_waiting(s, what);
	}
}

void smtpd_channel_down(struct smtpd *d, struct ipc_chan **slot, struct ipc_chan *chan)
{
	enum waits what = slot == &d->auth ? WAITS_AUTH
			  : slot == &d->cleanup ? WAITS_CLEANUP
			  : slot == &d->anvil ? WAITS_ANVIL : WAITS_NAME;

	if (*slot == chan)
		*slot = NULL;
	if (slot == &d->auth)
		d->mechs_plaintext[0] = d->mechs_others[0] = '\0';
	LIST_EACH(node, &d->sessions) {
		struct session *s = LIST_ENTRY(node, struct session, link);

		if (what == WAITS_ANVIL)
			s->is_counted = false;
		if (what != WAITS_CLEANUP && (s->waits & what))
			give_up(s, what);
		else if (what == WAITS_CLEANUP && s->message.chan == chan)
			message_lost(s);
	}
}
