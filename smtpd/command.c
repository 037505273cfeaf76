/* What the engine asks, decided: policy in, reply out. Each decision is computed from its start
 * again when an answer it had to wait for has come; only then it has effects. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "smtpd/restrict.h"

/* The kinds of lib/ipc/anvil.def. */
enum { RATE_MESSAGE = 1, RATE_RECIPIENT = 2, RATE_TLS = 3, RATE_AUTH = 4 };

/* Take the answer to the engine: V is what the checks came to. False: wait for a table. */
static bool conclude(struct check *c, enum verdict v, struct slice rcpt)
{
	struct session *s = c->s;

	if (v == V_MORE)
		return false;
	check_settle(c);
	if (v == V_REJECT) {
		report_reject(s, "reject", c->where, &c->reply, rcpt);
		smtp_server_answer(&s->smtp, &c->reply);
	} else {
		smtp_server_answer(&s->smtp, NULL);
	}
	return true;
}

static void refuse(struct session *s, unsigned code, const char *dsn, const char *text,
		   const char *arg)
{
	struct smtp_reply r;

	smtp_reply_set(&r, code, dsn, "%s%s", text, arg);
	smtp_server_answer(&s->smtp, &r);
}

/* --- connection --- */

static enum rc matches(struct session *s, const struct match *m, bool *ret)
{
	struct err err = { 0 };
	enum rc rc = match_client(m, &s->memo, slice_str(s->name), slice_str(s->addr), &err);

	*ret = rc == RC_OK;
	if (rc == RC_TEMP || rc == RC_PERM || rc == RC_SYS)
		log_err(&s->log, &err, "client lists");
	return rc == RC_MORE ? RC_MORE : RC_OK;
}

static unsigned features_of(const struct str_list *words)
{
	unsigned bits = 0;

	for (size_t i = 0; i < words->n; i++)
		bits |= smtp_feature_by_name(slice_str(words->v[i]));
	return bits;
}

/* What this client is offered, by its address. */
static enum rc find_features(struct session *s, unsigned *ret)
{
	struct smtpd *d = s->d;
	struct str_list words;
	struct err err = { 0 };
	struct slice value;
	enum rc rc;

	*ret = ~d->ehlo_discard;
	if (d->tls == NULL || d->p.smtpd_tls_wrappermode)
		*ret &= ~(unsigned)SMTP_STARTTLS;
	if (!d->p.smtputf8_enable)
		*ret &= ~(unsigned)SMTP_SMTPUTF8;
	if (d->ehlo_maps.n == 0)
		return RC_OK;
	rc = table_list_lookup(&d->ehlo_maps, &s->memo, slice_str(s->addr), &value, NULL, &err);
	if (rc == RC_MORE)
		return RC_MORE;
	if (rc == RC_OK && param_split_list(value, &s->command, &words) == RC_OK)
		*ret &= ~features_of(&words);
	else if (rc != RC_END)
		log_err(&s->log, &err, "smtpd_discard_ehlo_keyword_address_maps");
	return RC_OK;
}

/* What the lists say about the client, kept for the session. */
static bool learn_client(struct session *s)
{
	struct smtpd *d = s->d;
	bool excluded, no_auth;
	unsigned features;

	if (matches(s, d->mynetworks, &s->is_mine) || matches(s, d->uncounted, &s->is_excepted) ||
	    matches(s, d->bare_lf_exclusions, &excluded) || matches(s, d->no_auth, &no_auth) ||
	    find_features(s, &features))
		return false;
	s->smtp.features = features & ~(no_auth ? (unsigned)SMTP_AUTH : 0u);
	s->smtp.eol = excluded ? SMTP_EOL_ANY : SMTP_EOL_NORMALIZE;
	if (!excluded && slice_iis(slice_str(d->p.smtpd_forbid_bare_newline), "reject"))
		s->smtp.eol = SMTP_EOL_REJECT;
	if (slice_iis(slice_str(d->p.smtpd_forbid_bare_newline), "no") ||
	    slice_iis(slice_str(d->p.smtpd_forbid_bare_newline), "note"))
		s->smtp.eol = SMTP_EOL_ANY;
	return true;
}

static bool is_over(int64_t limit, uint32_t count)
{
	return limit > 0 && count > (uint64_t)limit;
}

/* Too many at once, or too fast? Answers when so. */
static bool refuse_crowd(struct session *s)
{
	const struct smtpd_params *p = &s->d->p;
	const char *what;
	uint32_t n;
	char text[400];

	if (!s->has_rate)
		return false;
	if (is_over(p->smtpd_client_connection_count_limit, s->counts.connections)) {
		what = "concurrency";
		n = s->counts.connections;
	} else if (is_over(p->smtpd_client_connection_rate_limit, s->counts.rate)) {
		what = "rate";
		n = s->counts.rate;
	} else {
		return false;
	}
	log_warn(&s->log, "Connection %s limit exceeded: %u from %s for service %s", what, n,
		 s->namaddr, s->d->service);
	snprintf(text, sizeof(text), "%s Error: too many connections from ", s->d->engine.hostname);
	refuse(s, 421, "4.7.0", text, s->addr);
	return true;
}

static bool wants_counts(const struct smtpd_params *p)
{
	return p->smtpd_client_connection_count_limit > 0 ||
	       p->smtpd_client_connection_rate_limit > 0;
}

static bool decide_connect(struct session *s)
{
	struct check c;
	bool done;

	if (!learn_client(s))
		return false;
	if (!s->is_excepted && wants_counts(&s->d->p) && !s->has_rate) {
		if (!ask_rate(s, 0))
			return false;
	}
	if (refuse_crowd(s))
		return true;
	s->smtp.mechanisms = auth_offer(s);
	conn_fill(&s->conn);	/* whoever speaks before the greeting is found out now */
	check_init(&c, s, "CONNECT");
	done = conclude(&c, check_client(&c), (struct slice){ 0 });
	check_done(&c);
	return done;
}

static bool decide_helo(struct session *s)
{
	struct check c;
	bool done;

	s->smtp.mechanisms = auth_offer(s);
	check_init(&c, s, s->smtp.ev.is_extended ? "EHLO" : "HELO");
	done = conclude(&c, check_helo(&c), (struct slice){ 0 });
	check_done(&c);
	return done;
}

/* --- the transaction --- */

/* False: wait. True with *RET_OVER: a reply was given. */
static bool check_rate(struct session *s, int64_t limit, unsigned kind, const char *what,
		       const char *reply, bool *ret_over)
{
	*ret_over = false;
	if (limit == 0 || s->is_excepted)
		return true;
	if (!s->has_rate && !ask_rate(s, kind))
		return false;
	if (!is_over(limit, s->counts.rate))
		return true;
	*ret_over = true;
	log_warn(&s->log, "%s rate limit exceeded: %u from %s for service %s", what,
		 s->counts.rate, s->namaddr, s->d->service);
	refuse(s, 450, "4.7.1", reply, s->addr);
	return true;
}

static bool decide_mail(struct session *s)
{
	const struct smtp_server_data *ev = &s->smtp.ev;
	int64_t limit = s->d->engine.size_limit;
	struct slice none = { 0 };
	struct check c;
	bool done = true, over;
	enum verdict v;

	if (!check_rate(s, s->d->p.smtpd_client_message_rate_limit, RATE_MESSAGE,
			"Message delivery request", "Error: too much mail from ", &over))
		return false;
	if (over)
		return true;
	check_init(&c, s, "MAIL");
	v = check_sender(&c, ev->address);
	if (v != V_REJECT && v != V_MORE && limit > 0 && ev->mail->size_bytes > limit) {
		v = V_REJECT;
		smtp_reply_set(&c.reply, 552, "5.3.4", "Message size exceeds fixed limit");
	}
	if (v == V_DUNNO || v == V_PERMIT)
		message_begin(s, ev->address, ev->mail);
	done = conclude(&c, v, none);
	check_done(&c);
	return done;
}

/* RECIPIENT in standard form, in the command's arena. */
static struct slice standard_form(struct session *s, struct slice recipient)
{
	struct slice r;
	struct buf b;

	buf_init(&b, ADDRESS_MAX * 2);
	address_rewrite(s->d->address, recipient, &b);
	r = arena_slice(&s->command, buf_slice(&b));
	buf_done(&b);
	return r;
}

static bool decide_rcpt(struct session *s)
{
	const struct smtp_server_data *ev = &s->smtp.ev;
	struct check c;
	bool done, over;
	enum verdict v;

	if (s->asked == SMTP_EV_RCPT &&
	    !check_rate(s, s->d->p.smtpd_client_recipient_rate_limit, RATE_RECIPIENT,
			"Recipient address", "Error: too many recipients from ", &over))
		return false;
	if (s->asked == SMTP_EV_RCPT && over)
		return true;
	check_init(&c, s, report_where(s->asked));
	v = check_rcpt(&c, standard_form(s, ev->address), ev->address);
	if (s->asked == SMTP_EV_RCPT && (v == V_DUNNO || v == V_PERMIT) &&
	    !message_add_rcpt(s, ev->address, ev->rcpt)) {
		v = V_REJECT;
		smtp_reply_set(&c.reply, 452, "4.5.3", "Error: too many recipients");
	}
	done = conclude(&c, v, ev->address);
	check_done(&c);
	return done;
}

static struct slice only_rcpt(const struct session *s)
{
	return s->message.n_rcpts == 1 ? s->message.first->address : (struct slice){ 0 };
}

/* The checks before content; then cleanup is asked for a file, which is the answer. */
static bool decide_open(struct session *s)
{
	struct check c;
	enum verdict v, local;
	bool done;

	check_init(&c, s, s->smtp.verb == SMTP_V_BDAT ? "BDAT" : "DATA");
	v = check_data(&c);
	local = v == V_REJECT || v == V_MORE ? V_DUNNO : check_is_local(&c);
	s->is_local_client = local == V_PERMIT;
	if (v == V_REJECT || v == V_MORE || local == V_MORE) {
		done = conclude(&c, local == V_MORE ? V_MORE : v, only_rcpt(s));
	} else {
		check_settle(&c);
		message_open(s);
		done = (s->waits & WAITS_CLEANUP) == 0;
	}
	check_done(&c);
	return done;
}

static bool decide_commit(struct session *s)
{
	struct check c;
	enum verdict v;
	bool done;

	if (s->waits & WAITS_HEADER)
		return false;
	check_init(&c, s, "END-OF-MESSAGE");
	v = check_end(&c);
	if (v == V_REJECT || v == V_MORE) {
		done = conclude(&c, v, only_rcpt(s));
		if (done)
			message_reset(s);
	} else {
		check_settle(&c);
		message_commit(s);
		done = (s->waits & (WAITS_CLEANUP | WAITS_HEADER)) == 0;
	}
	check_done(&c);
	return done;
}

/* --- the session --- */

static bool decide_starttls(struct session *s)
{
	int64_t limit = s->d->p.smtpd_client_new_tls_session_rate_limit;
	char text[400];

	if (limit > 0 && !s->is_excepted) {
		if (!s->has_rate && !ask_rate(s, RATE_TLS))
			return false;
		if (is_over(limit, s->counts.rate)) {
			log_warn(&s->log, "New TLS session rate limit exceeded: %u from %s for "
				 "service %s", s->counts.rate, s->namaddr, s->d->service);
			snprintf(text, sizeof(text), "%s Error: too many new TLS sessions from ",
				 s->d->engine.hostname);
			refuse(s, 421, "4.7.0", text, s->namaddr);
			return true;
		}
	}
	smtp_server_answer(&s->smtp, NULL);
	return true;
}

static bool decide_auth(struct session *s)
{
	bool over = false;

	if (s->asked == SMTP_EV_AUTH &&
	    !check_rate(s, s->d->p.smtpd_client_auth_rate_limit, RATE_AUTH, "AUTH command",
			"Error: too many AUTH commands from ", &over))
		return false;
	if (!over)
		auth_begin(s);
	return (s->waits & WAITS_AUTH) == 0;
}

bool command_decide(struct session *s)
{
	switch (s->asked) {
	case SMTP_EV_CONNECT:
		return decide_connect(s);
	case SMTP_EV_HELO:
		return decide_helo(s);
	case SMTP_EV_MAIL:
		return decide_mail(s);
	case SMTP_EV_RCPT:
	case SMTP_EV_VRFY:
		return decide_rcpt(s);
	case SMTP_EV_OPEN:
		return decide_open(s);
	case SMTP_EV_COMMIT:
		return decide_commit(s);
	case SMTP_EV_STARTTLS:
		return decide_starttls(s);
	default:
		return decide_auth(s);
	}
}
