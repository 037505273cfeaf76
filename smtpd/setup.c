/* The server's policy from main.cf; everything that has to be opened is opened here. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "lib/conf/networks.h"
#include "lib/tls/config.h"
#include "smtpd/names.h"
#include "smtpd/restrict.h"

enum { REQUESTS_MAX = 1000000, CONF_ARENA_MAX = 64 << 20 };

static bool verb_matches(const struct match *m, struct slice verb)
{
	struct err err = { 0 };

	return match_name(m, NULL, verb, &err) == RC_OK;
}

static bool is_forbidden(void *ctx, struct slice verb)
{
	return verb_matches(((struct smtpd *)ctx)->forbidden, verb);
}

static bool is_noop(void *ctx, struct slice verb)
{
	return verb_matches(((struct smtpd *)ctx)->noops, verb);
}

static void fault(struct smtpd *d, const struct conf *c, struct faults *faults, const char *param,
		  const char *text, const char *remedy)
{
	struct slice raw;
	unsigned line = 0;
	bool is_set = conf_raw(c, slice_str(param), &raw, &line);

	(void)d;
	faults_add(faults, true, is_set ? "main.cf" : NULL, line, remedy, "%s: %s", param, text);
}

/* Something that main.cf says is not what happens. */
static void note(const struct conf *c, struct faults *faults, const char *param, const char *text)
{
	struct slice raw;
	unsigned line = 0;

	if (conf_raw(c, slice_str(param), &raw, &line))
		faults_add(faults, false, "main.cf", line, NULL, "%s: %s", param, text);
}

static unsigned number(int64_t n)
{
	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (unsigned)n;
}

static void add_footer(struct smtp_server *e, const struct smtp_reply *r, struct buf *text)
{
	const struct session *s = LIST_ENTRY(e, struct session, smtp);
	const struct footer_facts facts = {
		.client_address = s->addr, .client_port = s->port,
		.server_name = s->d->base.myhostname,
		.now_s = loop_unix_us(s->d->loop) / 1000000, .log = &s->log,
	};

	footer_add(&s->d->footer, &facts, r, text);
}

static void make_engine(struct smtpd *d)
{
	const struct smtpd_params *p = &d->p;
	bool has_footer = p->smtpd_reject_footer[0] != '\0' || p->smtpd_reject_footer_maps.n > 0;

	d->engine = (struct smtp_server_conf){
		.hostname = d->base.myhostname,
		.banner = p->smtpd_banner,
		.size_limit = d->base.message_size_limit,
		.line_max = (size_t)p->line_length_limit,
		.recipient_limit = number(p->smtpd_recipient_limit),
		.recipient_overshoot_limit = number(p->smtpd_recipient_overshoot_limit),
		.soft_errors = number(p->smtpd_soft_error_limit),
		.hard_errors = number(p->smtpd_hard_error_limit),
		.junk_limit = number(p->smtpd_junk_command_limit),
		.error_sleep_ms = p->smtpd_error_sleep_time,
		.bare_lf_code = number(p->smtpd_forbid_bare_newline_reject_code),
		.helo_required = p->smtpd_helo_required,
		.strict_envelopes = p->strict_rfc821_envelopes,
		.vrfy_disabled = p->disable_vrfy_command,
		.smtputf8 = p->smtputf8_enable,
		.broken_auth_clients = p->broken_sasl_auth_clients,
		.forbid_pipelining = p->smtpd_forbid_unauth_pipelining,
		.keeps_cr = !p->cleanup_replace_stray_cr_lf,
		.soft_bounce = d->queue.soft_bounce,
		.footer = has_footer ? add_footer : NULL,
		.is_forbidden = is_forbidden,
		.is_noop = is_noop,
		.ctx = d,
	};
}

static void open_lists(struct smtpd *d, const struct conf *c, struct faults *faults)
{
	const struct smtpd_params *p = &d->p;

	match_load(c, "mynetworks", &d->base.mynetworks, MATCH_CLIENTS, &d->mynetworks, faults);
	match_load(c, "smtpd_forbid_bare_newline_exclusions",
		   &p->smtpd_forbid_bare_newline_exclusions, MATCH_CLIENTS,
		   &d->bare_lf_exclusions, faults);
	match_load(c, "smtpd_client_event_limit_exceptions",
		   &p->smtpd_client_event_limit_exceptions, MATCH_CLIENTS, &d->uncounted, faults);
	match_load(c, "smtpd_sasl_exceptions_networks", &p->smtpd_sasl_exceptions_networks,
		   MATCH_CLIENTS, &d->no_auth, faults);
	match_load(c, "smtpd_forbidden_commands", &p->smtpd_forbidden_commands, MATCH_STRINGS,
		   &d->forbidden, faults);
	match_load(c, "smtpd_noop_commands", &p->smtpd_noop_commands, MATCH_STRINGS, &d->noops,
		   faults);
	match_load(c, "smtpd_sasl_mechanism_filter", &p->smtpd_sasl_mechanism_filter,
		   MATCH_STRINGS, &d->mechanism_filter, faults);
	table_list_load(c, "smtpd_discard_ehlo_keyword_address_maps",
			&p->smtpd_discard_ehlo_keyword_address_maps, TABLE_FOLD, &d->ehlo_maps,
			faults);
	table_list_load(c, "smtpd_sender_login_maps", &p->smtpd_sender_login_maps, TABLE_FOLD,
			&d->sender_logins, faults);
	footer_load(c, p->smtpd_reject_footer, &p->smtpd_reject_footer_maps, &d->footer, faults);
}

static void open_interfaces(struct smtpd *d, const struct conf *c, struct faults *faults)
{
	struct str_list words;
	struct err err = { 0 };
	struct buf list, protocols, b;

	buf_init(&list, 65536);
	buf_init(&protocols, 4096);
	buf_init(&b, 1 << 20);
	if (conf_expand_name(c, SLICE_LIT("inet_interfaces"), &list, &err) == RC_OK &&
	    conf_expand_name(c, SLICE_LIT("inet_protocols"), &protocols, &err) == RC_OK)
		networks_of_interfaces("host", buf_cstr(&list), buf_cstr(&protocols), &b);
	if (param_split_list(buf_slice(&b), &d->arena, &words) ||
	    match_open(&words, MATCH_CLIENTS, 0, &d->own_interfaces, &err))
		fault(d, c, faults, "inet_interfaces", err.text, NULL);
	buf_done(&list);
	buf_done(&protocols);
	buf_done(&b);
}

/* --- TLS --- */

enum tls_level { TLS_NONE, TLS_MAY, TLS_ENCRYPT };

static enum tls_level tls_level(struct smtpd *d, const struct conf *c, struct faults *faults)
{
	const struct smtpd_params *p = &d->p;
	struct slice level = slice_str(p->smtpd_tls_security_level);

	if (p->smtpd_tls_wrappermode || slice_iis(level, "encrypt"))
		return TLS_ENCRYPT;
	if (slice_iis(level, "may"))
		return TLS_MAY;
	if (level.n > 0 && !slice_iis(level, "none"))
		fault(d, c, faults, "smtpd_tls_security_level", "unknown level",
		      "write none, may or encrypt");
	if (level.n > 0)
		return TLS_NONE;
	return p->smtpd_enforce_tls ? TLS_ENCRYPT : p->smtpd_use_tls ? TLS_MAY : TLS_NONE;
}

static void add_chains(struct smtpd *d, struct tls_server_config *t)
{
	const struct smtpd_params *p = &d->p;
	const struct str_list *files = &p->smtpd_tls_chain_files;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < files->n && rc == RC_OK; i++)
		rc = tls_config_add_chain(t, files->v[i], NULL);
	if (files->n > 0 || slice_iis(slice_str(p->smtpd_tls_cert_file), "none"))
		return;
	rc = tls_config_add_chain(t, p->smtpd_tls_cert_file, p->smtpd_tls_key_file);
	if (rc == RC_OK)
		rc = tls_config_add_chain(t, p->smtpd_tls_eccert_file, p->smtpd_tls_eckey_file);
	/* RC_LIMIT: chains beyond the eighth are more than any client can ask for. */
}

static void open_tls(struct smtpd *d, const struct conf *c, struct faults *faults)
{
	const struct smtpd_params *p = &d->p;
	enum tls_level level = tls_level(d, c, faults);
	bool must = level == TLS_ENCRYPT;
	struct tls_server_config t = {
		.protocols = must ? p->smtpd_tls_mandatory_protocols : p->smtpd_tls_protocols,
		.cipher_grade = must ? p->smtpd_tls_mandatory_ciphers : p->smtpd_tls_ciphers,
	};
	const char *param = p->smtpd_tls_chain_files.n > 0 ? "smtpd_tls_chain_files"
							    : "smtpd_tls_cert_file";
	struct err err = { 0 };

	if (level == TLS_NONE)
		return;
	t.exclude_ciphers = arena_printf(&d->arena, "%s %s", p->smtpd_tls_exclude_ciphers,
					 must ? p->smtpd_tls_mandatory_exclude_ciphers : "");
	add_chains(d, &t);
	if (t.n_chains == 0)
		fault(d, c, faults, "smtpd_tls_chain_files", "TLS is asked for without a certificate",
		      "name a file with a private key and its certificates");
	else if (tls_config_shared(c, &d->arena, &t, faults, &err) ||
		 tls_server_new(&t, &d->tls, &err))
		fault(d, c, faults, param, err.text,
		      "files in PEM form, which root can read, hold the certificate and its key");
	d->tls_required = must && !p->smtpd_tls_wrappermode;
	d->engine.tls_required = d->tls_required;
}

/* --- single words --- */

static bool is_one_of(const char *word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_iis(slice_str(word), names[i]))
			return true;
	return false;
}

/* Plaintext is the only weakness that a mechanism here has, and the other side's proof none. */
static void check_sasl_options(struct smtpd *d, const struct conf *c, struct faults *faults,
			       const char *param, const struct str_list *options)
{
	static const char *const known[] = { "noplaintext", "noanonymous", "noactive",
					     "nodictionary" };

	for (size_t i = 0; i < options->n; i++)
		if (!is_one_of(options->v[i], known, sizeof(known) / sizeof(known[0])))
			fault(d, c, faults, param,
			      arena_printf(&d->arena, "no mechanism here has the property %s",
					   options->v[i]),
			      "it may hold noplaintext, noanonymous, noactive and nodictionary");
}

static void check_sasl(struct smtpd *d, const struct conf *c, struct faults *faults)
{
	static const char *const own[] = { "smtpd", "auth", "private/auth" };
	const struct smtpd_params *p = &d->p;

	check_sasl_options(d, c, faults, "smtpd_sasl_security_options",
			   &p->smtpd_sasl_security_options);
	check_sasl_options(d, c, faults, "smtpd_sasl_tls_security_options",
			   &p->smtpd_sasl_tls_security_options);
	if (strcmp(p->smtpd_sasl_type, "cyrus") != 0 && strcmp(p->smtpd_sasl_type, "dovecot") != 0)
		fault(d, c, faults, "smtpd_sasl_type", "it is dovecot or cyrus",
		      "the service auth does the work of both");
	if (slice_starts(slice_str(p->smtpd_sasl_path), SLICE_LIT("inet:")))
		fault(d, c, faults, "smtpd_sasl_path",
		      "another host's authentication server cannot be asked",
		      "let the service auth ask it, or list the users here");
	else if (!is_one_of(p->smtpd_sasl_path, own, sizeof(own) / sizeof(own[0])))
		note(c, faults, "smtpd_sasl_path", "whatever it says, the service auth is asked");
}

static void check_words(struct smtpd *d, const struct conf *c, struct faults *faults)
{
	static const char *const eol[] = { "normalize", "yes", "reject", "note", "no" };

	if (!is_one_of(d->p.smtpd_forbid_bare_newline, eol, sizeof(eol) / sizeof(eol[0])))
		fault(d, c, faults, "smtpd_forbid_bare_newline",
		      "it is normalize, reject, note or no", NULL);
	check_sasl(d, c, faults);
}

static void split_words(struct smtpd *d)
{
	const struct str_list *drop = &d->p.message_drop_headers;
	const struct str_list *discard = &d->p.smtpd_discard_ehlo_keywords;

	for (size_t i = 0; i < drop->n && d->n_drop < SMTPD_DROP_MAX; i++)
		d->drop[d->n_drop++] = slice_str(drop->v[i]);
	for (size_t i = 0; i < discard->n; i++)
		d->ehlo_discard |= smtp_feature_by_name(slice_str(discard->v[i]));
}

void smtpd_init(struct smtpd *d, const struct conf *c, const char *service,
		struct faults *faults)
{
	d->service = service;
	d->rcpts_max_bytes = SMTPD_RCPTS_BYTES;
	arena_init(&d->arena, CONF_ARENA_MAX);
	list_init(&d->sessions);
	hash_init(&d->requests, REQUESTS_MAX, false);
	d->next_number = (uint64_t)getpid();
	d->names = names_new();
	buf_init(&d->out, SMTPD_OUTPUT_MAX);
	buf_init(&d->content, SMTPD_CONTENT_BYTES);
	params_load(smtpd_params_specs, smtpd_params_count, c, &d->arena, &d->p, faults);
	params_load(smtpd_base_params_specs, smtpd_base_params_count, c, &d->arena, &d->base, faults);
	params_load(smtpd_queue_params_specs, smtpd_queue_params_count, c, &d->arena, &d->queue,
		    faults);
	make_engine(d);
	d->access_parents = match_wants_parents(c, "smtpd_access_maps");
	check_words(d, c, faults);
	split_words(d);
	open_lists(d, c, faults);
	open_interfaces(d, c, faults);
	address_open(c, faults, &d->address);
	restrict_load(d, c, faults);
	open_tls(d, c, faults);
}

void smtpd_done(struct smtpd *d)
{
	struct match **lists[] = { &d->mynetworks, &d->bare_lf_exclusions, &d->uncounted,
				   &d->forbidden, &d->noops, &d->no_auth, &d->mechanism_filter,
				   &d->own_interfaces };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		match_close(lists[i]);
	table_list_close(&d->ehlo_maps);
	table_list_close(&d->sender_logins);
	footer_done(&d->footer);
	restrict_free(&d->restrictions);
	address_close(&d->address);
	tls_server_free(&d->tls);
	hash_done(&d->requests);
	names_free(&d->names);
	buf_done(&d->out);
	buf_done(&d->content);
	arena_done(&d->arena);
}

bool smtpd_has_changed(const struct smtpd *d, int64_t now_ms)
{
	return address_has_changed(d->address, now_ms) ||
	       restrict_has_changed(d->restrictions, now_ms) ||
	       match_has_changed(d->mynetworks, now_ms) ||
	       table_list_has_changed(&d->sender_logins, now_ms) ||
	       table_list_has_changed(&d->footer.maps, now_ms) ||
	       table_list_has_changed(&d->ehlo_maps, now_ms);
}
