/* SPDX-License-Identifier: ISC */
#include "auth/lookup.h"

#include <stdio.h>

#include "lib/sys/log.h"

static void ask_next(struct lookup *l);

static const char *type_of(const struct lookup *l)
{
	return db_type_name(l->auth->userdbs[l->at].spec->type);
}

static struct expand_vars vars_of(struct lookup *l)
{
	return (struct expand_vars){ .user = slice_str(l->name), .service = slice_str(l->service),
				     .remote_addr = slice_str(l->remote_addr),
				     .local_addr = slice_str(l->local_addr) };
}

static void finish(struct lookup *l, enum rc rc, const struct err *err)
{
	l->is_over = true;
	l->done(l, rc, err);
}

/* What the database says of the user is complete when the fields of its spec are added. */
static void finish_found(struct lookup *l)
{
	const struct auth_params *p = l->auth->params;
	struct expand_vars vars = vars_of(l);
	struct err err = { 0 };
	enum rc rc = RC_OK;

	for (const struct db_field *f = l->auth->userdbs[l->at].spec->fields;
	     f != NULL && rc == RC_OK; f = f->next)
		rc = user_set(&l->user, slice_str(f->name),
			      f->value != NULL ? slice_str(f->value) : SLICE_LIT("yes"),
			      l->auth->ids, &vars, &err);
	if (rc == RC_OK)
		rc = user_finish(&l->user, p->mail_location, l->auth->first_valid_uid, &vars, &err);
	if (rc != RC_OK) {
		err_context(&err, "%s(%s)", type_of(l), l->name);
		err.code = RC_PERM;
	}
	finish(l, rc == RC_OK ? RC_OK : RC_PERM, &err);
}

static void fail_one(struct lookup *l, const struct err *err)
{
	log_err(NULL, err, "userdb %s(%s)", type_of(l), l->name);
	l->has_failed = true;
	l->at++;
	ask_next(l);
}

static void not_here(struct lookup *l)
{
	l->at++;
	ask_next(l);
}

static bool is_fixed(struct slice name)
{
	return slice_is(name, "uid") || slice_is(name, "gid") || slice_is(name, "home");
}

/* The fields userdb_... of a line: those that stand in for a column (FIXED), or the others. */
static enum rc take_extra(struct lookup *l, struct slice rest, bool fixed, struct err *err)
{
	struct expand_vars vars = vars_of(l);
	struct slice name, value;
	enum rc rc = RC_OK;

	while (rc == RC_OK && passwd_extra_next(&rest, &name, &value)) {
		if (!slice_starts(name, SLICE_LIT("userdb_")))
			continue;
		name = slice_skip(name, 7);
		if (is_fixed(name) == fixed)
			rc = user_set(&l->user, name, value.p != NULL ? value : SLICE_LIT("yes"),
				      l->auth->ids, &vars, err);
	}
	return rc;
}

/* Fields of a passwd-file's line that belong to the user database; what is set first stays. */
static enum rc take_entry(struct lookup *l, const struct passwd_entry *e, struct err *err)
{
	struct expand_vars vars = vars_of(l);
	const struct {
		const char *name;
		struct slice value;
	} fixed[] = { { "uid", e->uid }, { "gid", e->gid }, { "home", e->home } };
	enum rc rc = take_extra(l, e->extra, true, err);

	for (size_t i = 0; i < 3 && rc == RC_OK; i++)
		rc = user_set(&l->user, slice_str(fixed[i].name), fixed[i].value, l->auth->ids,
			      &vars, err);
	return rc == RC_OK ? take_extra(l, e->extra, false, err) : rc;
}

static void ask_passwd_file(struct lookup *l, const struct db *db)
{
	char key[NAME_MAX_BYTES + 1];
	const struct passwd_entry *e;
	struct err err = { 0 };

	if (name_key(db->spec->username_format, l->name, key, &err) != RC_OK ||
	    passwd_file_refresh(db->file, &err) != RC_OK) {
		fail_one(l, &err);
		return;
	}
	e = passwd_file_find(db->file, slice_str(key));
	if (e == NULL) {
		not_here(l);
		return;
	}
	if (take_entry(l, e, &err) != RC_OK) {
		err_context(&err, "passwd-file(%s)", l->name);
		finish(l, RC_PERM, &err);
		return;
	}
	finish_found(l);
}

static void ask_prefetch(struct lookup *l)
{
	struct expand_vars vars = vars_of(l);
	struct slice rest = l->prefetch, field;
	struct err err = { 0 };
	enum rc rc = RC_OK;

	if (rest.n == 0) {
		not_here(l);
		return;
	}
	while (rc == RC_OK && slice_split(&rest, '\0', &field)) {
		ptrdiff_t eq = slice_chr(field, '=');

		if (eq > 0)
			rc = user_set(&l->user, slice_sub(field, 0, (size_t)eq),
				      slice_skip(field, (size_t)eq + 1), l->auth->ids, &vars, &err);
	}
	if (rc != RC_OK) {
		err_context(&err, "prefetch(%s)", l->name);
		finish(l, RC_PERM, &err);
		return;
	}
	finish_found(l);
}

/* Do the password databases know NAME (without asking for a password)? RC_OK, RC_END, RC_TEMP, or
 * RC_PERM when one of them cannot tell. */
static enum rc is_known(struct auth *a, const char *name, struct err *err)
{
	char key[NAME_MAX_BYTES + 1];

	for (size_t i = 0; i < a->n_passdbs; i++) {
		const struct db *db = &a->passdbs[i];

		if (db->spec->is_deny)
			continue;
		if (db->spec->type == DB_STATIC)
			return RC_OK;
		if (db->spec->type != DB_PASSWD_FILE)
			return err_set(err, RC_PERM,
				       "password database %s cannot tell whether a user exists; "
				       "set allow_all_users=yes or another user database",
				       db_type_name(db->spec->type));
		if (name_key(db->spec->username_format, name, key, err) != RC_OK ||
		    passwd_file_refresh(db->file, err) != RC_OK)
			return RC_TEMP;
		if (passwd_file_find(db->file, slice_str(key)) != NULL)
			return RC_OK;
	}
	return RC_END;
}

static void ask_static(struct lookup *l, const struct db *db)
{
	struct err err = { 0 };
	enum rc rc = RC_OK;

	/* who has just logged in is known */
	if (!db->spec->allow_all_users && l->prefetch.p == NULL)
		rc = is_known(l->auth, l->name, &err);
	if (rc == RC_OK)
		finish_found(l);
	else if (rc == RC_END)
		not_here(l);
	else if (rc == RC_PERM)
		finish(l, RC_PERM, &err);
	else
		fail_one(l, &err);
}

static void on_passwd(struct job *j, const struct job_result *r)
{
	struct lookup *l = LIST_ENTRY(j, struct lookup, job);
	struct expand_vars vars;
	struct err err = { 0 };

	if (r->code == WORKER_UNKNOWN) {
		not_here(l);
		return;
	}
	if (r->code != WORKER_YES || !slice_to_cstr(r->home, l->user.home, sizeof(l->user.home))) {
		(void)err_set(&err, RC_TEMP, "%.*s", SLICE_ARG(r->reason));
		fail_one(l, &err);
		return;
	}
	l->user.uid = r->uid;
	l->user.gid = r->gid;
	l->user.has_uid = l->user.has_gid = true;
	vars = vars_of(l);
	if (user_set(&l->user, SLICE_LIT("system_user"), r->user, l->auth->ids, &vars, &err) !=
	    RC_OK)
		finish(l, RC_PERM, &err);
	else
		finish_found(l);
}

static void ask_passwd(struct lookup *l)
{
	l->job = (struct job){ .kind = JOB_USER, .user = slice_str(l->name), .done = on_passwd };
	workers_submit(l->auth->workers, &l->job);
}

static void ask_next(struct lookup *l)
{
	const struct db *db;
	struct err err = { 0 };

	if (l->at >= l->auth->n_userdbs) {
		(void)err_set(&err, l->has_failed ? RC_TEMP : RC_END, "%s",
			      l->has_failed ? "a user database failed" : "unknown user");
		finish(l, err.code, &err);
		return;
	}
	user_done(&l->user);
	user_init(&l->user, l->name);
	db = &l->auth->userdbs[l->at];
	switch (db->spec->type) {
	case DB_PASSWD_FILE: ask_passwd_file(l, db); break;
	case DB_STATIC: ask_static(l, db); break;
	case DB_PREFETCH: ask_prefetch(l); break;
	case DB_PASSWD: ask_passwd(l); break;
	case DB_PAM: not_here(l); break;	/* never made: db_spec_parse() refuses it */
	}
}

void lookup_start(struct lookup *l, struct auth *a, const char *name, struct slice service,
		  void (*done)(struct lookup *, enum rc, const struct err *))
{
	l->auth = a;
	l->done = done;
	l->at = 0;
	l->has_failed = l->is_over = false;
	l->job = (struct job){ 0 };
	snprintf(l->name, sizeof(l->name), "%s", name);
	if (!slice_to_cstr(service, l->service, sizeof(l->service)))
		l->service[0] = '\0';
	user_init(&l->user, l->name);
	ask_next(l);
}

void lookup_done(struct lookup *l)
{
	workers_cancel(&l->job);
	user_done(&l->user);
	l->is_over = true;
}
