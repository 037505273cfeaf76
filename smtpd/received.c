/* The Received: field, as Postfix writes it. (RFC 5321, 4.4; RFC 3848; RFC 6531, 3.7.3) */
/* SPDX-License-Identifier: ISC */
#include "lib/mail/addr.h"
#include "lib/mail/date.h"
#include "smtpd/session.h"

const char *smtpd_date(struct smtpd *d)
{
	int64_t now = loop_unix_us(d->loop) / 1000000;
	char zone[DATE_ZONE_NAME_MAX];
	struct buf b;

	if (now == d->date_s)
		return d->date_text;
	buf_init(&b, sizeof(d->date_text) - 1);
	date_print(date_zone(now, zone), zone, &b);
	memcpy(d->date_text, buf_cstr(&b), buf_len(&b) + 1);
	buf_done(&b);
	d->date_s = now;
	return d->date_text;
}

/* "192.0.2.1", "IPv6:2001:db8::1" */
static void add_address(const struct session *s, struct buf *b)
{
	buf_addf(b, "%s%s", slice_chr(slice_str(s->addr), ':') >= 0 ? "IPv6:" : "", s->addr);
}

static void add_tls(const struct session *s, struct buf *b)
{
	const struct tls_info *t = &s->tls;

	buf_addf(b, "\t(using %s with cipher %s (%d/%d bits)", t->protocol, t->cipher, t->bits,
		 t->alg_bits);
	if (t->kex[0] != '\0' || t->signature[0] != '\0') {
		buf_adds(b, "\n\t");
		if (t->kex[0] != '\0')
			buf_addf(b, " key-exchange %s", t->kex);
		if (t->signature[0] != '\0')
			buf_addf(b, " server-signature %s", t->signature);
		if (t->digest[0] != '\0')
			buf_addf(b, " server-digest %s", t->digest);
	}
	buf_adds(b, ")\n\t(No client certificate requested)\n");
}

/* What HELO said: one word, without bytes that would change the structure of the field. */
static void add_helo(const struct session *s, struct buf *b)
{
	const char *helo = s->smtp.helo[0] != '\0' ? s->smtp.helo : s->name;

	for (; *helo != '\0'; helo++)
		buf_addc(b, char_is_cntrl(*helo) || strchr(" <>()\\\";@", *helo) != NULL ? '?'
										     : *helo);
}

static void add_client(const struct session *s, struct buf *b)
{
	const struct smtpd_params *p = &s->d->p;

	buf_adds(b, "from ");
	add_helo(s, b);
	buf_addf(b, " (%s [", s->name);
	add_address(s, b);
	buf_adds(b, "])\n");
	if (p->smtpd_tls_received_header && s->smtp.secure)
		add_tls(s, b);
	if (p->smtpd_sasl_authenticated_header && s->sasl_user[0] != '\0')
		buf_addf(b, "\t(Authenticated sender: %s)\n", s->sasl_user);
	buf_addc(b, '\t');
}

struct slice received_field(struct session *s)
{
	const struct message *m = &s->message;
	struct smtpd *d = s->d;
	struct slice r;
	struct buf b;

	buf_init(&b, 8192);
	buf_adds(&b, "Received: ");
	if (!d->p.smtpd_hide_client_session)
		add_client(s, &b);
	buf_addf(&b, "by %s (%s)", d->engine.hostname, d->base.mail_name);
	/* There are no words for TLS or AUTH without EHLO. (RFC 3848) */
	if (!d->p.smtpd_hide_client_session)
		buf_addf(&b, " with %s%s%s",
			 m->params.smtputf8 ? "UTF8SMTP" : s->smtp.extended ? "ESMTP" : "SMTP",
			 s->smtp.extended && s->smtp.secure ? "S" : "",
			 s->smtp.extended && s->sasl_user[0] != '\0' ? "A" : "");
	buf_addf(&b, " id %s", m->queue_id);
	if (m->n_rcpts == 1) {
		buf_adds(&b, "\n\tfor <");
		addr_quote(m->first->address, &b);
		buf_addf(&b, ">; %s\n", smtpd_date(d));
	} else {
		buf_addf(&b, ";\n\t%s\n", smtpd_date(d));
	}
	r = arena_slice(&s->message.arena, buf_slice(&b));
	buf_done(&b);
	return r;
}
