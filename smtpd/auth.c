/* AUTH: between the engine, which carries messages, and the service auth, which judges them. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "smtpd/session.h"

static bool has_word(const struct str_list *l, const char *word)
{
	for (size_t i = 0; i < l->n; i++)
		if (slice_iis(slice_str(l->v[i]), word))
			return true;
	return false;
}

/* Append those of NAMES that smtpd_sasl_mechanism_filter lets through. */
static void add_mechanisms(struct session *s, const char *names, struct buf *b)
{
	struct slice rest = slice_str(names), name;
	struct err err = { 0 };

	while (slice_token(&rest, " ", &name))
		if (match_name(s->d->mechanism_filter, NULL, name, &err) == RC_OK)
			buf_addf(b, "%s%.*s", buf_len(b) > 0 ? " " : "", SLICE_ARG(name));
}

const char *auth_offer(struct session *s)
{
	const struct smtpd_params *p = &s->d->p;
	const struct str_list *options = s->smtp.secure ? &p->smtpd_sasl_tls_security_options
							: &p->smtpd_sasl_security_options;
	struct buf b;

	s->mechanisms[0] = '\0';
	if (!p->smtpd_sasl_auth_enable ||
	    ((p->smtpd_tls_auth_only || s->d->tls_required) && !s->smtp.secure))
		return s->mechanisms;
	buf_init(&b, sizeof(s->mechanisms) - 1);
	if (!has_word(options, "noplaintext"))
		add_mechanisms(s, s->d->mechs_plaintext, &b);
	add_mechanisms(s, s->d->mechs_others, &b);
	snprintf(s->mechanisms, sizeof(s->mechanisms), "%s", buf_cstr(&b));
	buf_done(&b);
	return s->mechanisms;
}

static bool is_offered(const char *names, struct slice mechanism)
{
	struct slice rest = slice_str(names), name;

	while (slice_token(&rest, " ", &name))
		if (slice_ieq(name, mechanism))
			return true;
	return false;
}

/* The engine is told, and the log: "SASL PLAIN authentication failed: reason, sasl_username=x". */
static void fail(struct session *s, unsigned code, const char *dsn, const char *what,
		 struct slice reason)
{
	struct smtp_reply r;

	log_warn(&s->log, "%s: SASL %s authentication failed: %.*s, sasl_username=%s", s->namaddr,
		 s->smtp.mechanism, SLICE_ARG(reason),
		 s->tried_user[0] != '\0' ? s->tried_user : "(unavailable)");
	smtp_reply_set(&r, code, dsn, "%s: %.*s", what, SLICE_ARG(reason));
	smtp_server_answer(&s->smtp, &r);
}

static uint16_t number(const char *port)
{
	return (uint16_t)strtoul(port, NULL, 10);
}

static void start(struct session *s)
{
	const struct smtp_server_data *ev = &s->smtp.ev;
	char session[32];

	session_find_local(s);
	snprintf(session, sizeof(session), "%llu", (unsigned long long)s->log.session);
	auth_start_send(s->d->auth, &(struct auth_start){
		.id = s->request, .service = slice_str(s->d->p.smtpd_sasl_service),
		.mechanism = ev->name, .has_initial = ev->has_data, .initial = ev->data,
		.secured = s->smtp.secure, .local_addr = slice_str(s->local_addr),
		.local_port = number(s->local_port), .remote_addr = slice_str(s->addr),
		.remote_port = number(s->port), .session = slice_str(session),
	});
}

void auth_begin(struct session *s)
{
	const struct smtp_server_data *ev = &s->smtp.ev;
	bool is_first = s->asked == SMTP_EV_AUTH;

	if (is_first) {
		s->tried_user[0] = '\0';
		ask_end(s, &s->request);
	}
	if (is_first && !is_offered(s->mechanisms, ev->name)) {
		fail(s, 535, "5.7.8", "Error: authentication failed",
		     SLICE_LIT("Invalid authentication mechanism"));
		return;
	}
	if (s->d->auth == NULL || (is_first && (s->request = ask_begin(s)) == 0)) {
		ask_end(s, &s->request);
		fail(s, 454, "4.7.0", "Temporary authentication failure",
		     SLICE_LIT("Connection lost to authentication server"));
		return;
	}
	s->waits |= WAITS_AUTH;
	if (is_first)
		start(s);
	else
		auth_continue_send(s->d->auth, &(struct auth_continue){ .id = s->request,
									.data = ev->data });
}

void auth_cancel(struct session *s)
{
	if (s->request != 0 && s->d->auth != NULL)
		auth_cancel_send(s->d->auth, &(struct auth_cancel){ .id = s->request });
	ask_end(s, &s->request);
}

void auth_answer_success(struct session *s, const struct auth_success *m)
{
	ask_end(s, &s->request);
	snprintf(s->sasl_user, sizeof(s->sasl_user), "%.*s", SLICE_ARG(m->user));
	snprintf(s->sasl_method, sizeof(s->sasl_method), "%s", s->smtp.mechanism);
	smtp_server_authenticated(&s->smtp);
	session_done_waiting(s, WAITS_AUTH);
}

void auth_answer_failure(struct session *s, const struct auth_failure *m)
{
	struct slice reason = m->reason.n > 0 ? m->reason : SLICE_LIT("(reason unavailable)");

	ask_end(s, &s->request);
	snprintf(s->tried_user, sizeof(s->tried_user), "%.*s", SLICE_ARG(m->user));
	if (m->code == AUTH_FAIL_TEMPORARY)
		fail(s, 454, "4.7.0", "Temporary authentication failure", reason);
	else if (m->code == AUTH_FAIL_PLAINTEXT)
		fail(s, 538, "5.7.11", "Error: encryption needed to use mechanism", reason);
	else
		fail(s, 535, "5.7.8", "Error: authentication failed", reason);
	session_done_waiting(s, WAITS_AUTH);
}
