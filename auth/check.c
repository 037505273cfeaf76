/* SPDX-License-Identifier: ISC */
#include "auth/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/mem.h"
#include "lib/sys/log.h"

static void ask_next(struct check *c);

static const struct db *db_of(const struct check *c)
{
	return &c->auth->passdbs[c->at];
}

/* Dovecot's form: passwd-file(user,address,<session>): what. Faults are always told, mismatches when
 * auth_verbose is set. */
static void say(const struct check *c, bool is_fault, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void say(const struct check *c, bool is_fault, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (!is_fault && !c->auth->params->auth_verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_at(is_fault ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, NULL, "%s(%s,%s%s%s%s): %s",
	       db_type_name(db_of(c)->spec->type), c->name, c->remote_addr,
	       c->session[0] != '\0' ? ",<" : "", c->session, c->session[0] != '\0' ? ">" : "", text);
}

static void finish(struct check *c, enum check_verdict verdict)
{
	c->verdict = verdict;
	c->done(c);
}

/* This database does not let the user in; perhaps the next one does. */
static void refuse_here(struct check *c)
{
	c->at++;
	ask_next(c);
}

static void fail_here(struct check *c, const char *why)
{
	say(c, true, "%s", why);
	c->has_failed = true;
	refuse_here(c);
}

static struct expand_vars vars_of(const struct check *c)
{
	return (struct expand_vars){ .user = slice_str(c->name), .service = slice_str(c->service),
				     .remote_addr = slice_str(c->remote_addr),
				     .local_addr = slice_str(c->local_addr) };
}

/* The password was right, or none is asked for. */
static void accept_here(struct check *c)
{
	if (db_of(c)->spec->is_deny) {
		say(c, false, "user is in a deny database");
		finish(c, CHECK_WRONG);
		return;
	}
	if (c->fields.is_disabled) {
		say(c, false, "user may not log in (nologin)");
		finish(c, CHECK_DISABLED);
		return;
	}
	if (c->fields.user[0] != '\0')
		snprintf(c->name, sizeof(c->name), "%s", c->fields.user);
	finish(c, CHECK_YES);
}

static void verified(struct check *c, enum rc rc, const char *why)
{
	if (rc == RC_OK) {
		accept_here(c);
	} else if (rc == RC_DENIED) {
		say(c, false, "Password mismatch");
		refuse_here(c);
	} else {
		fail_here(c, why);
	}
}

static void on_verified(struct job *j, const struct job_result *r)
{
	struct check *c = LIST_ENTRY(j, struct check, job);
	char why[256];

	snprintf(why, sizeof(why), "%.*s", SLICE_ARG(r->reason));
	mem_wipe(c->stored, sizeof(c->stored));
	verified(c, r->code == WORKER_YES ? RC_OK : r->code == WORKER_NO ? RC_DENIED : RC_TEMP, why);
}

/* In clear and simple digests here, in microseconds; the rest by a worker. */
static void verify(struct check *c, struct slice stored)
{
	struct slice scheme = slice_str(db_of(c)->spec->scheme);
	struct password p;
	struct err err = { 0 };
	enum rc rc;

	if (c->fields.has_no_password) {
		accept_here(c);
		return;
	}
	if (stored.n == 0) {
		verified(c, RC_DENIED, "");
		return;
	}
	rc = password_parse(stored, scheme, &p, &err);
	if (rc != RC_OK) {
		fail_here(c, err.text);
		return;
	}
	if (password_is_weak(&p))
		say(c, false, "password scheme %s is weak", password_scheme_name(&p));
	if (!password_is_costly(&p)) {
		rc = password_verify(&p, c->password, &err);
		verified(c, rc, err.text);
		return;
	}
	memcpy(c->stored, stored.p, stored.n);
	c->job = (struct job){ .kind = JOB_VERIFY, .stored = slice_make(c->stored, stored.n),
			       .scheme = scheme, .password = c->password, .done = on_verified };
	workers_submit(c->auth->workers, &c->job);
}

/* Fields of the line (NULL: there is none) and of the spec. */
static enum rc take_fields(struct check *c, const struct passwd_entry *e, struct slice *password,
			   struct err *err)
{
	struct slice rest = e != NULL ? e->extra : (struct slice){ 0 }, name, value;
	struct expand_vars vars = vars_of(c);
	enum rc rc = RC_OK;

	fields_done(&c->fields);
	fields_init(&c->fields);
	while (rc == RC_OK && passwd_extra_next(&rest, &name, &value))
		rc = fields_take(&c->fields, name, value, &vars, err);
	for (const struct db_field *f = db_of(c)->spec->fields; f != NULL && rc == RC_OK;
	     f = f->next) {
		if (e == NULL && strcmp(f->name, "password") == 0)
			*password = slice_str(f->value);
		else
			rc = fields_take(&c->fields, slice_str(f->name), slice_str(f->value), &vars,
					 err);
	}
	return rc;
}

static void found(struct check *c, const struct passwd_entry *e)
{
	struct slice password = e != NULL ? e->password : (struct slice){ 0 };
	struct err err = { 0 };

	if (take_fields(c, e, &password, &err) != RC_OK) {
		fail_here(c, err.text);
		return;
	}
	if (c->fields.has_nets &&
	    !fields_net_allowed(slice_str(c->fields.nets), slice_str(c->remote_addr))) {
		say(c, false, "allow_nets does not allow this address");
		refuse_here(c);
		return;
	}
	if (db_of(c)->spec->is_deny)
		accept_here(c);
	else
		verify(c, password);
}

static void ask_passwd_file(struct check *c)
{
	const struct db *db = db_of(c);
	char key[NAME_MAX_BYTES + 1];
	const struct passwd_entry *e;
	struct err err = { 0 };

	if (name_key(db->spec->username_format, c->name, key, &err) != RC_OK ||
	    passwd_file_refresh(db->file, &err) != RC_OK) {
		fail_here(c, err.text);
		return;
	}
	e = passwd_file_find(db->file, slice_str(key));
	if (e == NULL) {
		say(c, false, "unknown user");
		refuse_here(c);
		return;
	}
	found(c, e);
}

static void on_pam(struct job *j, const struct job_result *r)
{
	struct check *c = LIST_ENTRY(j, struct check, job);
	char why[256];

	snprintf(why, sizeof(why), "%.*s", SLICE_ARG(r->reason));
	switch (r->code) {
	case WORKER_YES:
		if (r->user.n > 0 && !slice_to_cstr(r->user, c->name, sizeof(c->name)))
			fail_here(c, "PAM gave an unusable name");
		else
			accept_here(c);
		break;
	case WORKER_NO:
	case WORKER_UNKNOWN:
		say(c, false, "%s", why);
		refuse_here(c);
		break;
	case WORKER_DISABLED:
	case WORKER_EXPIRED:
		say(c, false, "%s", why);
		finish(c, r->code == WORKER_DISABLED ? CHECK_DISABLED : CHECK_EXPIRED);
		break;
	default:
		fail_here(c, why);
	}
}

static void ask_pam(struct check *c)
{
	struct expand_vars vars = vars_of(c);
	const char *arg = db_of(c)->spec->arg;
	struct slice none = { 0 };
	struct err err = { 0 };
	struct buf b;
	bool fits;

	if (take_fields(c, NULL, &none, &err) != RC_OK) {
		fail_here(c, err.text);
		return;
	}
	buf_init(&b, sizeof(c->pam_service) - 1);
	fits = expand(slice_str(arg[0] != '\0' ? arg : "dovecot"), &vars, &b, &err) == RC_OK &&
	       slice_to_cstr(buf_slice(&b), c->pam_service, sizeof(c->pam_service));
	buf_done(&b);
	if (!fits) {
		fail_here(c, err.text);
		return;
	}
	c->job = (struct job){ .kind = JOB_PAM, .service = slice_str(c->pam_service),
			       .user = slice_str(c->name), .password = c->password,
			       .remote_addr = slice_str(c->remote_addr), .done = on_pam };
	workers_submit(c->auth->workers, &c->job);
}

static void ask_next(struct check *c)
{
	if (c->at >= c->auth->n_passdbs) {
		finish(c, c->has_failed ? CHECK_TEMP : CHECK_WRONG);
		return;
	}
	switch (db_of(c)->spec->type) {
	case DB_PAM: ask_pam(c); break;
	case DB_PASSWD_FILE: ask_passwd_file(c); break;
	case DB_STATIC: found(c, NULL); break;
	case DB_PASSWD:
	case DB_PREFETCH: refuse_here(c); break;	/* never made: db_spec_parse() refuses them */
	}
}

void check_start(struct check *c, struct auth *a, void (*done)(struct check *))
{
	c->auth = a;
	c->done = done;
	fields_init(&c->fields);
	ask_next(c);
}

void check_done(struct check *c)
{
	workers_cancel(&c->job);
	mem_wipe(c->stored, sizeof(c->stored));
	fields_done(&c->fields);
}
