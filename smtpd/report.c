/* Lines of the log that tools parse. (Postfix's forms; pflogsumm and fail2ban read them) */
/* SPDX-License-Identifier: ISC */
#include "lib/mail/addr.h"
#include "smtpd/restrict.h"

const char *report_where(enum smtp_event asked)
{
	switch (asked) {
	case SMTP_EV_CONNECT:
		return "CONNECT";
	case SMTP_EV_MAIL:
		return "MAIL";
	case SMTP_EV_RCPT:
		return "RCPT";
	case SMTP_EV_VRFY:
		return "VRFY";
	case SMTP_EV_OPEN:
		return "DATA";
	case SMTP_EV_COMMIT:
		return "END-OF-MESSAGE";
	default:
		return "UNKNOWN";
	}
}

static void add_address(struct buf *b, const char *name, struct slice address)
{
	buf_addf(b, " %s=<", name);
	addr_quote(address, b);
	buf_addc(b, '>');
}

/* "; from=<a> to=<b> proto=ESMTP helo=<c>" */
static void add_facts(struct session *s, struct slice rcpt, struct buf *b)
{
	const struct message *m = &s->message;
	const struct smtp_server *e = &s->smtp;
	bool is_mail = s->asked == SMTP_EV_MAIL;

	buf_addc(b, ';');
	if (is_mail || m->is_active)
		add_address(b, "from", is_mail ? e->ev.address : m->sender);
	if (rcpt.p != NULL)
		add_address(b, "to", rcpt);
	buf_addf(b, " proto=%s", e->extended ? "ESMTP" : "SMTP");
	if (e->helo[0] != '\0')
		buf_addf(b, " helo=<%s>", e->helo);
	if (s->sasl_user[0] != '\0')
		buf_addf(b, " sasl_method=%s sasl_username=%s", s->sasl_method, s->sasl_user);
}

static const struct log_ctx *context(const struct session *s)
{
	return s->message.queue_id[0] != '\0' ? &s->message.log : &s->noqueue;
}

static void log_line(struct session *s, const char *verb, const char *where, struct slice text,
		     struct slice rcpt)
{
	struct buf b;

	buf_init(&b, 8192);
	add_facts(s, rcpt, &b);
	log_info(context(s), "%s: %s from %s: %.*s%s", verb, where, s->namaddr, SLICE_ARG(text),
		 buf_cstr(&b));
	buf_done(&b);
}

void report_reject(struct session *s, const char *verb, const char *where,
		   const struct smtp_reply *reply, struct slice rcpt)
{
	struct smtp_reply said = *reply;
	struct buf b;

	if (s->d->engine.soft_bounce)
		smtp_reply_soften(&said);
	buf_init(&b, 4096);
	buf_addf(&b, "%u %s%s%s", said.code, said.dsn, said.dsn[0] != '\0' ? " " : "", said.text);
	log_line(s, verb, where, buf_slice(&b), rcpt);
	buf_done(&b);
}

void report_reject_text(struct session *s, const char *where, struct slice text)
{
	struct slice rcpt = { 0 };

	if (s->message.n_rcpts == 1)
		rcpt = s->message.first->address;
	log_line(s, "reject", where, text, rcpt);
}

void check_settle(struct check *c)
{
	struct slice notes = buf_slice(&c->notes), line;
	struct message *m = &c->s->message;

	while (slice_line(&notes, &line)) {
		ptrdiff_t blank = slice_chr(line, ' ');
		char verb[32];

		if (blank <= 0 ||
		    !slice_to_cstr(slice_sub(line, 0, (size_t)blank), verb, sizeof(verb)))
			continue;
		if (strcmp(verb, "warning") == 0) {
			log_warn(&c->s->log, "%.*s", SLICE_ARG(slice_skip(line, 8)));
			continue;
		}
		log_line(c->s, verb, c->where, slice_skip(line, (size_t)blank + 1),
			 c->recipient.p != NULL ? c->given : c->recipient);
	}
	buf_reset(&c->notes);
	m->hold = m->hold || c->hold;
	m->discard = m->discard || c->discard;
	message_prepend(c->s, c->prepend);
}
