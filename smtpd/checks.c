/* The table of restrictions, and those that are a few lines each. Later work adds lines here and
 * its judges beside. */
/* SPDX-License-Identifier: ISC */
#include "lib/smtp/path.h"
#include "smtpd/restrict.h"

enum {
	ANY_STAGE = (1 << N_STAGES) - 1,
	FROM_HELO = ANY_STAGE & ~(1 << STAGE_CLIENT),
	FROM_SENDER = FROM_HELO & ~(1 << STAGE_HELO),
	FROM_RCPT = FROM_SENDER & ~(1 << STAGE_SENDER),
	FROM_DATA = 1 << STAGE_DATA | 1 << STAGE_END
};

static enum verdict judge_permit(struct check *c, const struct clause *cl)
{
	(void)c;
	(void)cl;
	return V_PERMIT;
}

static enum verdict judge_reject(struct check *c, const struct clause *cl)
{
	(void)cl;
	return check_reject(c, (unsigned)c->d->p.reject_code, "5.7.1",
			    "<%.*s>: %s rejected: Access denied", SLICE_ARG(check_name(c)),
			    check_class(c));
}

static enum verdict judge_defer(struct check *c, const struct clause *cl)
{
	(void)cl;
	return check_reject(c, (unsigned)c->d->p.defer_code, "4.3.2",
			    "<%.*s>: %s rejected: Try again later", SLICE_ARG(check_name(c)),
			    check_class(c));
}

enum { IF_PERMIT, IF_REJECT };

static enum verdict judge_defer_if(struct check *c, const struct clause *cl)
{
	struct smtp_reply *r = cl->what->kind == IF_PERMIT ? &c->defer_if_permit
							   : &c->defer_if_reject;

	if (r->code == 0)
		smtp_reply_set(r, 450, "4.7.0", "<%.*s>: %s rejected: %s requested",
			       SLICE_ARG(check_name(c)), check_class(c), cl->what->name);
	return V_DUNNO;
}

static enum verdict judge_warn(struct check *c, const struct clause *cl)
{
	(void)cl;
	c->warns = true;
	return V_DUNNO;
}

static enum verdict judge_mynetworks(struct check *c, const struct clause *cl)
{
	(void)cl;
	return c->s->is_mine ? V_PERMIT : V_DUNNO;
}

static enum verdict judge_interfaces(struct check *c, const struct clause *cl)
{
	enum rc rc = match_client(c->d->own_interfaces, c->q.memo, slice_str(c->s->name),
				  slice_str(c->s->addr), &c->err);

	(void)cl;
	if (rc == RC_OK)
		return V_PERMIT;
	return rc == RC_END ? V_DUNNO : check_table_fault(c, rc, "inet_interfaces");
}

static enum verdict judge_authenticated(struct check *c, const struct clause *cl)
{
	(void)cl;
	return c->s->sasl_user[0] != '\0' ? V_PERMIT : V_DUNNO;
}

/* --- destinations --- */

/* V_DUNNO with c->route set. */
static enum verdict find_route(struct check *c)
{
	enum rc rc;

	if (c->has_route)
		return V_DUNNO;
	rc = address_resolve(&c->q, c->sender, c->recipient, &c->route, &c->err);
	if (rc)
		return check_table_fault(c, rc, "address resolution");
	c->has_route = true;
	return V_DUNNO;
}

static bool is_ours(const struct check *c)
{
	return c->route.class != ADDRESS_DEFAULT &&
	       (!c->route.is_routed || c->d->p.allow_untrusted_routing);
}

enum { PERMIT_OURS, REJECT_OTHERS, DEFER_OTHERS };

static enum verdict judge_destination(struct check *c, const struct clause *cl)
{
	unsigned code = (unsigned)c->d->p.relay_domains_reject_code;
	enum verdict v;

	if (c->recipient.p == NULL)
		return V_DUNNO;
	v = find_route(c);
	if (v != V_DUNNO)
		return v;
	if (cl->what->kind == PERMIT_OURS)
		return is_ours(c) ? V_PERMIT : V_DUNNO;
	if (is_ours(c))
		return V_DUNNO;
	if (cl->what->kind == DEFER_OTHERS)
		code = 454;
	return check_reject(c, code, "5.7.1", "<%.*s>: Relay access denied", SLICE_ARG(c->given));
}

static unsigned unknown_code(const struct smtpd_params *p, enum address_class class)
{
	switch (class) {
	case ADDRESS_LOCAL:
		return (unsigned)p->unknown_local_recipient_reject_code;
	case ADDRESS_VIRTUAL_ALIAS:
		return (unsigned)p->unknown_virtual_alias_reject_code;
	case ADDRESS_VIRTUAL_MAILBOX:
		return (unsigned)p->unknown_virtual_mailbox_reject_code;
	default:
		return (unsigned)p->unknown_relay_recipient_reject_code;
	}
}

static enum verdict reject_unknown(struct check *c, const struct address_route *r,
				   struct slice address, const char *dsn, const char *class)
{
	bool shows = c->d->p.show_user_unknown_table_name;

	return check_reject(c, unknown_code(&c->d->p, r->class), dsn,
			    "<%.*s>: %s rejected: User unknown%s%s", SLICE_ARG(address), class,
			    shows ? " in " : "", shows ? address_table_name(r->class) : "");
}

/* transport_maps or relocated_maps say "error:5.1.6 text" or "retry:4.4.1 text". V_DUNNO: not so. */
static enum verdict judge_route(struct check *c, const struct address_route *r,
				struct slice address, const char *dsn, const char *class)
{
	bool is_final = slice_is(r->transport, "error");
	struct smtp_reply text;

	if (r->class == ADDRESS_VIRTUAL_ALIAS || (!is_final && !slice_is(r->transport, "retry")))
		return V_DUNNO;
	smtp_reply_parse(r->nexthop, is_final ? 550 : 450, is_final ? dsn : "4.0.0", &text);
	return check_reject(c, text.code, text.dsn, "<%.*s>: %s rejected: %s", SLICE_ARG(address),
			    class, text.text);
}

/* ADDRESS in standard form, WRITTEN as the client did: does it exist, and take mail? */
static enum verdict check_unlisted(struct check *c, bool is_sender, struct slice address,
				   const struct address_route *r, struct slice written)
{
	const char *class = is_sender ? "Sender address" : "Recipient address";
	const char *dsn = is_sender ? "5.1.0" : "5.1.1";
	enum rc rc = address_is_mapped(&c->q, is_sender, address, &c->err);

	if (rc == RC_END) {
		enum verdict v = judge_route(c, r, written, dsn, class);

		if (v != V_DUNNO)
			return v;
		rc = address_is_known(&c->q, r, &c->err);
	}
	if (rc == RC_END)
		return reject_unknown(c, r, written, dsn, class);
	return rc == RC_OK ? V_DUNNO
			   : check_table_fault(c, rc, is_sender ? "sender tables"
								: "recipient tables");
}

enum verdict check_unlisted_rcpt(struct check *c)
{
	enum verdict v;

	if (c->recipient.p == NULL)
		return V_DUNNO;
	v = find_route(c);
	if (v != V_DUNNO)
		return v;
	c->knows_rcpt = true;
	return check_unlisted(c, false, c->recipient, &c->route, c->given);
}

static enum verdict judge_unlisted_rcpt(struct check *c, const struct clause *cl)
{
	(void)cl;
	return check_unlisted_rcpt(c);
}

enum verdict check_unlisted_sender(struct check *c)
{
	struct address_route r;
	struct slice none = { 0 }, sender;
	struct buf b;
	enum rc rc;

	if (c->sender.n == 0)
		return V_DUNNO;
	c->knows_sender = true;
	buf_init(&b, ADDRESS_MAX * 2);
	address_rewrite(c->d->address, c->sender, &b);
	sender = arena_slice(&c->s->command, buf_slice(&b));
	buf_done(&b);
	rc = sender.p == NULL ? RC_LIMIT : address_resolve(&c->q, none, sender, &r, &c->err);
	return rc == RC_OK ? check_unlisted(c, true, sender, &r, c->sender)
			   : check_table_fault(c, rc, "sender tables");
}

static enum verdict judge_unlisted_sender(struct check *c, const struct clause *cl)
{
	(void)cl;
	return check_unlisted_sender(c);
}

/* --- forms of names and addresses --- */

static bool has_dot_inside(struct slice domain)
{
	ptrdiff_t dot = slice_chr(domain, '.');

	return dot > 0 && (size_t)dot + 1 < domain.n;
}

static bool is_literal(struct slice name)
{
	return name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']';
}

/* The name of HELO; a dot at its end belongs to no name, but is often written. */
static struct slice helo_name(const struct check *c)
{
	struct slice helo = slice_str(c->s->smtp.helo);

	return slice_sub(helo, 0, helo.n - (helo.n > 1 && helo.p[helo.n - 1] == '.'));
}

static enum verdict judge_fqdn_helo(struct check *c, const struct clause *cl)
{
	struct slice helo = slice_str(c->s->smtp.helo), name = helo_name(c);

	(void)cl;
	if (helo.n == 0 || helo.p[0] == '[' ||
	    (smtp_domain_is_valid(name) && has_dot_inside(name)))
		return V_DUNNO;
	return check_reject(c, (unsigned)c->d->p.non_fqdn_reject_code, "5.5.2",
			    "<%.*s>: Helo command rejected: need fully-qualified hostname",
			    SLICE_ARG(helo));
}

static enum verdict judge_valid_helo(struct check *c, const struct clause *cl)
{
	struct slice helo = slice_str(c->s->smtp.helo);

	(void)cl;
	if (helo.n == 0 || smtp_domain_is_valid(helo_name(c)))
		return V_DUNNO;
	return check_reject(c, (unsigned)c->d->p.invalid_hostname_reject_code, "5.5.2",
			    "<%.*s>: Helo command rejected: %s", SLICE_ARG(helo),
			    helo.p[0] == '[' ? "invalid ip address" : "Invalid name");
}

enum { FQDN_SENDER, FQDN_RCPT };

static enum verdict judge_fqdn_address(struct check *c, const struct clause *cl)
{
	bool is_rcpt = cl->what->kind == FQDN_RCPT;
	struct slice a = is_rcpt ? c->given : c->sender, domain = address_domain(a);

	if (a.n == 0 || slice_iis(a, "postmaster") || is_literal(domain) || has_dot_inside(domain))
		return V_DUNNO;
	return check_reject(c, (unsigned)c->d->p.non_fqdn_reject_code, "5.5.2",
			    "<%.*s>: %s rejected: need fully-qualified address", SLICE_ARG(a),
			    is_rcpt ? "Recipient address" : "Sender address");
}

/* --- the session --- */

static enum verdict judge_client_name(struct check *c, const struct clause *cl)
{
	(void)cl;
	if (c->s->has_verified_name)
		return V_DUNNO;
	return check_reject(c, (unsigned)c->d->p.unknown_client_reject_code, "4.7.25",
			    "Client host rejected: cannot find your hostname, [%s]", c->s->addr);
}

static enum verdict judge_pipelining(struct check *c, const struct clause *cl)
{
	(void)cl;
	if (!c->s->smtp.ill_pipelining)
		return V_DUNNO;
	return check_reject(c, 503, "5.5.0",
			    "<%.*s>: %s rejected: Improper use of SMTP command pipelining",
			    SLICE_ARG(check_name(c)), check_class(c));
}

static enum verdict judge_plaintext(struct check *c, const struct clause *cl)
{
	(void)cl;
	if (c->s->smtp.secure)
		return V_DUNNO;
	return check_reject(c, (unsigned)c->d->p.plaintext_reject_code, "4.7.1",
			    "Session encryption is required");
}

static enum verdict judge_bounce(struct check *c, const struct clause *cl)
{
	(void)cl;
	if (c->sender.n > 0 || c->s->message.n_rcpts < 2)
		return V_DUNNO;
	return check_reject(c, (unsigned)c->d->p.multi_recipient_bounce_reject_code, "5.5.3",
			    "<%.*s>: %s rejected: Multi-recipient bounce",
			    SLICE_ARG(check_name(c)), check_class(c));
}

/* --- who may use which sender --- */

enum { OWNER_AUTHENTICATED = 1, OWNER_STRANGER = 2, OWNER_KNOWN = 4,
       OWNER_CODE = 553 };

static bool owner_is(struct slice owners, const char *login)
{
	struct slice one;

	while (slice_token(&owners, ", \t\r\n", &one))
		if (slice_iis(one, login))
			return true;
	return false;
}

static enum verdict judge_sender_login(struct check *c, const struct clause *cl)
{
	const char *login = c->s->sasl_user;
	struct address_hit hit = { 0 };
	int kind = cl->what->kind;
	enum rc rc;

	/* Nobody owns the null sender, and anybody may return mail. */
	if (c->sender.n == 0 || c->d->sender_logins.n == 0)
		return V_DUNNO;
	rc = address_find(&c->q, &c->d->sender_logins, c->sender, ADDRESS_KEY_MAPPING, &hit,
			  &c->err);
	if (rc && rc != RC_END)
		return check_table_fault(c, rc, "smtpd_sender_login_maps");
	if (login[0] != '\0') {
		bool owns = rc == RC_OK && owner_is(hit.value, login);

		if (owns || (kind & OWNER_AUTHENTICATED) == 0 ||
		    (rc == RC_END && (kind & OWNER_KNOWN) != 0))
			return V_DUNNO;
		return check_reject(c, OWNER_CODE, "5.7.1",
				    "<%.*s>: Sender address rejected: not owned by user %s",
				    SLICE_ARG(c->sender), login);
	}
	if (rc == RC_END || (kind & OWNER_STRANGER) == 0)
		return V_DUNNO;
	return check_reject(c, OWNER_CODE, "5.7.1",
			    "<%.*s>: Sender address rejected: not logged in",
			    SLICE_ARG(c->sender));
}

static const struct restriction table[] = {
	{ "permit", ANY_STAGE, ARG_NONE, judge_permit, 0 },
	{ "reject", ANY_STAGE, ARG_NONE, judge_reject, 0 },
	{ "defer", ANY_STAGE, ARG_NONE, judge_defer, 0 },
	{ "defer_if_permit", ANY_STAGE, ARG_NONE, judge_defer_if, IF_PERMIT },
	{ "defer_if_reject", ANY_STAGE, ARG_NONE, judge_defer_if, IF_REJECT },
	{ "warn_if_reject", ANY_STAGE, ARG_NONE, judge_warn, 0 },
	{ "permit_mynetworks", ANY_STAGE, ARG_NONE, judge_mynetworks, 0 },
	{ "permit_inet_interfaces", ANY_STAGE, ARG_NONE, judge_interfaces, 0 },
	{ "permit_sasl_authenticated", ANY_STAGE, ARG_NONE, judge_authenticated, 0 },
	{ "permit_auth_destination", FROM_RCPT, ARG_NONE, judge_destination, PERMIT_OURS },
	{ "reject_unauth_destination", FROM_RCPT, ARG_NONE, judge_destination, REJECT_OTHERS },
	{ "defer_unauth_destination", FROM_RCPT, ARG_NONE, judge_destination, DEFER_OTHERS },
	{ "reject_unlisted_recipient", FROM_RCPT, ARG_NONE, judge_unlisted_rcpt, 0 },
	{ "check_recipient_maps", FROM_RCPT, ARG_NONE, judge_unlisted_rcpt, 0 },
	{ "reject_unlisted_sender", FROM_SENDER, ARG_NONE, judge_unlisted_sender, 0 },
	{ "reject_non_fqdn_helo_hostname", FROM_HELO, ARG_NONE, judge_fqdn_helo, 0 },
	{ "reject_non_fqdn_hostname", FROM_HELO, ARG_NONE, judge_fqdn_helo, 0 },
	{ "reject_invalid_helo_hostname", FROM_HELO, ARG_NONE, judge_valid_helo, 0 },
	{ "reject_invalid_hostname", FROM_HELO, ARG_NONE, judge_valid_helo, 0 },
	{ "reject_non_fqdn_sender", FROM_SENDER, ARG_NONE, judge_fqdn_address, FQDN_SENDER },
	{ "reject_non_fqdn_recipient", FROM_RCPT, ARG_NONE, judge_fqdn_address, FQDN_RCPT },
	{ "reject_unknown_client_hostname", ANY_STAGE, ARG_NONE, judge_client_name, 0 },
	{ "reject_unknown_client", ANY_STAGE, ARG_NONE, judge_client_name, 0 },
	{ "reject_unauth_pipelining", ANY_STAGE, ARG_NONE, judge_pipelining, 0 },
	{ "reject_plaintext_session", ANY_STAGE, ARG_NONE, judge_plaintext, 0 },
	{ "reject_multi_recipient_bounce", FROM_DATA, ARG_NONE, judge_bounce, 0 },
	{ "reject_sender_login_mismatch", FROM_SENDER, ARG_NONE, judge_sender_login,
	  OWNER_AUTHENTICATED | OWNER_STRANGER },
	{ "reject_authenticated_sender_login_mismatch", FROM_SENDER, ARG_NONE,
	  judge_sender_login, OWNER_AUTHENTICATED },
	{ "reject_unauthenticated_sender_login_mismatch", FROM_SENDER, ARG_NONE,
	  judge_sender_login, OWNER_STRANGER },
	{ "reject_known_sender_login_mismatch", FROM_SENDER, ARG_NONE, judge_sender_login,
	  OWNER_AUTHENTICATED | OWNER_STRANGER | OWNER_KNOWN },
	{ "check_client_access", ANY_STAGE, ARG_TABLE, access_judge, STAGE_CLIENT },
	{ "check_helo_access", FROM_HELO, ARG_TABLE, access_judge, STAGE_HELO },
	{ "check_sender_access", FROM_SENDER, ARG_TABLE, access_judge, STAGE_SENDER },
	{ "check_recipient_access", FROM_RCPT, ARG_TABLE, access_judge, STAGE_RECIPIENT },
	{ "check_sasl_access", ANY_STAGE, ARG_TABLE, access_judge, N_STAGES },
};

const struct restriction *restriction_find(struct slice name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (slice_iis(name, table[i].name))
			return &table[i];
	return NULL;
}
