/* Access tables: which keys they are asked, and what their answers do. (access(5)) */
/* SPDX-License-Identifier: ISC */
#include "lib/mail/addr.h"
#include "lib/smtp/cmdline.h"
#include "smtpd/restrict.h"

/* What is looked up, so that the steps read as the manual does. */
struct asking {
	struct check *c;
	struct table *table;
	struct slice value;
};

static enum rc try_key(struct asking *a, struct slice key, bool is_part)
{
	if (is_part && table_is_pattern(a->table))
		return RC_END;
	return table_lookup(a->table, a->c->q.memo, key, &a->value, &a->c->err);
}

static enum rc try_domain(struct asking *a, struct slice domain, bool is_part)
{
	enum rc rc = try_key(a, domain, is_part);

	while (rc == RC_END && domain.n > 0 && domain.p[0] != '[') {
		ptrdiff_t dot = slice_chr(domain, '.');

		if (dot < 0)
			break;
		/* "parent" or ".parent", as parent_domain_matches_subdomains says */
		rc = try_key(a, slice_skip(domain, (size_t)dot + a->c->d->access_parents), true);
		domain = slice_skip(domain, (size_t)dot + 1);
	}
	return rc;
}

/* 192.0.2.1, 192.0.2, 192.0, 192; the same with ':' groups. */
static enum rc try_address(struct asking *a, struct slice addr)
{
	enum rc rc = try_key(a, addr, false);
	char sep = slice_chr(addr, ':') >= 0 ? ':' : '.';

	while (rc == RC_END) {
		ptrdiff_t last = slice_rchr(addr, sep);

		if (last <= 0)
			break;
		addr = slice_sub(addr, 0, (size_t)last);
		rc = try_key(a, addr, true);
	}
	return rc;
}

static enum rc try_client(struct asking *a)
{
	const struct session *s = a->c->s;
	enum rc rc = try_domain(a, slice_str(s->name), false);

	return rc == RC_END ? try_address(a, slice_str(s->addr)) : rc;
}

/* local@domain as outsiders write it, then as it is. */
static enum rc try_joined(struct asking *a, struct slice local, struct slice domain, bool is_part)
{
	struct buf plain, quoted;
	enum rc rc;

	buf_init(&plain, ADDRESS_MAX * 2);
	buf_init(&quoted, ADDRESS_MAX * 4);
	buf_add(&plain, local);
	buf_addc(&plain, '@');
	buf_add(&plain, domain);
	addr_quote(buf_slice(&plain), &quoted);
	rc = try_key(a, buf_slice(&quoted), is_part);
	if (rc == RC_END && !slice_eq(buf_slice(&plain), buf_slice(&quoted)))
		rc = try_key(a, buf_slice(&plain), is_part);
	buf_done(&plain);
	buf_done(&quoted);
	return rc;
}

/* user+ext@domain, user@domain, domain and parents, user+ext@, user@ */
static enum rc try_mailbox(struct asking *a, struct slice address)
{
	struct slice local = address_local(address), domain = address_domain(address), ext;
	struct slice base = address_split(a->c->d->address, local, &ext), none = { 0 };
	enum rc rc;

	if (address.n == 0)
		return try_key(a, slice_str(a->c->d->p.smtpd_null_access_lookup_key), false);
	if (domain.n == 0)
		domain = slice_str(a->c->d->base.myorigin);
	rc = try_joined(a, local, domain, false);
	if (rc == RC_END && ext.n > 0)
		rc = try_joined(a, base, domain, true);
	if (rc == RC_END)
		rc = try_domain(a, domain, true);
	if (rc == RC_END)
		rc = try_joined(a, local, none, true);
	if (rc == RC_END && ext.n > 0)
		rc = try_joined(a, base, none, true);
	return rc;
}

static enum rc look_up(struct asking *a, int kind)
{
	struct check *c = a->c;

	switch (kind) {
	case STAGE_CLIENT:
		return try_client(a);
	case STAGE_HELO:
		return c->s->smtp.helo[0] == '\0' ? RC_END
						  : try_domain(a, slice_str(c->s->smtp.helo), false);
	case STAGE_SENDER:
		return try_mailbox(a, c->sender);
	case STAGE_RECIPIENT:
		return c->recipient.p == NULL ? RC_END : try_mailbox(a, c->given);
	default:
		return c->s->sasl_user[0] == '\0' ? RC_END
						  : try_key(a, slice_str(c->s->sasl_user), false);
	}
}

/* --- actions --- */

typedef enum verdict action_fn(struct check *c, struct slice text);

static struct slice or_default(struct slice text, const char *def)
{
	return text.n > 0 ? text : slice_str(def);
}

static enum verdict refuse(struct check *c, unsigned code, const char *dsn, struct slice text)
{
	struct smtp_reply r;

	smtp_reply_parse(text, code, dsn, &r);
	return check_reject(c, code, r.dsn, "<%.*s>: %s rejected: %s", SLICE_ARG(check_name(c)),
			    check_class(c), r.text);
}

static enum verdict act_permit(struct check *c, struct slice text)
{
	(void)c;
	(void)text;
	return V_PERMIT;
}

static enum verdict act_dunno(struct check *c, struct slice text)
{
	(void)c;
	(void)text;
	return V_DUNNO;
}

static enum verdict act_reject(struct check *c, struct slice text)
{
	return refuse(c, (unsigned)c->d->p.access_map_reject_code, "5.7.1",
		      or_default(text, "Access denied"));
}

static enum verdict act_defer(struct check *c, struct slice text)
{
	return refuse(c, (unsigned)c->d->p.access_map_defer_code, "4.7.1",
		      or_default(text, "Access denied"));
}

static enum verdict act_defer_if_permit(struct check *c, struct slice text)
{
	struct smtp_reply keep = c->reply;

	if (c->defer_if_permit.code == 0 &&
	    refuse(c, 450, "4.7.1", or_default(text, "Service unavailable")) == V_REJECT)
		c->defer_if_permit = c->reply;
	c->reply = keep;
	return V_DUNNO;
}

static enum verdict act_defer_if_reject(struct check *c, struct slice text)
{
	struct smtp_reply keep = c->reply;

	if (c->defer_if_reject.code == 0 &&
	    refuse(c, 450, "4.7.1", or_default(text, "Service unavailable")) == V_REJECT)
		c->defer_if_reject = c->reply;
	c->reply = keep;
	return V_DUNNO;
}

static void note(struct check *c, const char *verb, struct slice text)
{
	buf_addf(&c->notes, "%s <%.*s>: %s %.*s\n", verb, SLICE_ARG(check_name(c)), check_class(c),
		 SLICE_ARG(text));
}

static enum verdict act_hold(struct check *c, struct slice text)
{
	/* The file is where it is; better no mail than mail that was to be held. */
	if (c->s->asked == SMTP_EV_COMMIT && !c->s->message.hold) {
		check_warn(c, "access table: HOLD comes too late in smtpd_end_of_data_restrictions");
		return check_reject(c, 451, "4.3.5", "Server configuration error");
	}
	note(c, "hold", or_default(text, "triggers HOLD action"));
	c->hold = true;
	return V_DUNNO;
}

static enum verdict act_discard(struct check *c, struct slice text)
{
	note(c, "discard", or_default(text, "triggers DISCARD action"));
	c->discard = true;
	return V_PERMIT;
}

static enum verdict act_prepend(struct check *c, struct slice text)
{
	if (!smtp_cmdline_is_header(text))
		check_warn(c, "access table: PREPEND without a header field: %.*s", SLICE_ARG(text));
	else if (c->prepend.n == 0)
		c->prepend = text;
	else
		c->prepend = slice_str(arena_printf(&c->s->command, "%.*s\n%.*s",
						    SLICE_ARG(c->prepend), SLICE_ARG(text)));
	return V_DUNNO;
}

/* The table's own words, nothing before them. */
static enum verdict act_info(struct check *c, struct slice text)
{
	buf_addf(&c->notes, "info %.*s\n", SLICE_ARG(text));
	return V_DUNNO;
}

static enum verdict act_warn(struct check *c, struct slice text)
{
	buf_addf(&c->notes, "warn %.*s\n", SLICE_ARG(text));
	return V_DUNNO;
}

static const struct {
	const char *name;
	action_fn *act;
} actions[] = {
	{ "OK", act_permit },		{ "RELAY", act_permit },
	{ "REJECT", act_reject },	{ "DEFER", act_defer },
	{ "DEFER_IF_PERMIT", act_defer_if_permit },
	{ "DEFER_IF_REJECT", act_defer_if_reject },
	{ "DUNNO", act_dunno },		{ "HOLD", act_hold },
	{ "DISCARD", act_discard },	{ "PREPEND", act_prepend },
	{ "INFO", act_info },		{ "WARN", act_warn },
};

static bool is_all_digits(struct slice s)
{
	slice_take_while(&s, char_is_digit);
	return s.n == 0;
}

/* "554 text" or "450 4.7.1 text" */
static bool is_code(struct slice word)
{
	return word.n == 3 && (word.p[0] == '4' || word.p[0] == '5') && is_all_digits(word);
}

static unsigned code_of(struct slice word)
{
	return (unsigned)((word.p[0] - '0') * 100 + (word.p[1] - '0') * 10 + word.p[2] - '0');
}

static enum verdict act(struct check *c, struct slice value)
{
	struct slice rest = value, word, none = { 0 };

	if (!slice_token(&rest, " \t", &word)) {
		check_warn(c, "access table: empty value");
		return V_DUNNO;
	}
	rest = slice_trim(rest);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (slice_iis(word, actions[i].name))
			return actions[i].act(c, rest);
	if (is_code(word) && rest.n > 0)
		return refuse(c, code_of(word), word.p[0] == '4' ? "4.7.1" : "5.7.1", rest);
	if (is_all_digits(word))
		return act_permit(c, none);
	return restrict_words(c, value);
}

enum verdict access_judge(struct check *c, const struct clause *cl)
{
	struct asking a = { .c = c, .table = cl->table };
	int kind = cl->what->kind;
	struct slice value;
	enum rc rc = look_up(&a, kind);
	enum stage stage = c->stage;
	enum verdict v;

	if (rc == RC_END)
		return V_DUNNO;
	if (rc)
		return check_table_fault(c, rc, table_spec(cl->table));
	value = arena_slice(&c->s->command, slice_trim_space(a.value));
	if (value.p == NULL)
		return check_table_fault(c, RC_LIMIT, table_spec(cl->table));
	/* The reply names what was looked up, whichever list it was looked up in. */
	if (kind < N_STAGES)
		c->stage = (enum stage)kind;
	v = act(c, value);
	c->stage = stage;
	return v;
}
