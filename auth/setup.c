/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "auth/request.h"
#include "auth/user.h"
#include "lib/base/mem.h"
#include "lib/sys/log.h"

static void fault(struct faults *faults, const char *remedy, const char *param, const char *text)
{
	faults_add(faults, true, NULL, 0, remedy, "%s: %s", param, text);
}

static void note(const char *path, unsigned line, const char *text)
{
	log_warn(NULL, "%s, line %u: %s", path, line, text);
}

static struct passwd_file *file_of(struct auth *a, const char *path)
{
	for (size_t i = 0; i < a->n_files; i++)
		if (strcmp(passwd_file_path(a->files[i]), path) == 0)
			return a->files[i];
	a->files = mem_grow(a->files, a->n_files + 1, sizeof(*a->files));
	a->files[a->n_files] = passwd_file_new(path, note);
	return a->files[a->n_files++];
}

static void add_db(struct auth *a, struct slice word, enum db_kind kind, struct arena *arena,
		   struct faults *faults)
{
	const char *param = kind == DB_FOR_USERS ? "auth_userdbs" : "auth_passdbs";
	struct db **v = kind == DB_FOR_USERS ? &a->userdbs : &a->passdbs;
	size_t *n = kind == DB_FOR_USERS ? &a->n_userdbs : &a->n_passdbs;
	struct db_spec *spec;
	struct err err = { 0 };

	if (db_spec_parse(word, kind, arena, &spec, &err) != RC_OK) {
		fault(faults, "see the parameter in postconf(5)", param, err.text);
		return;
	}
	*v = mem_grow(*v, *n + 1, sizeof(**v));
	(*v)[*n] = (struct db){ .spec = spec };
	if (spec->type == DB_PASSWD_FILE)
		(*v)[*n].file = file_of(a, spec->arg);
	(*n)++;
}

/* Fields are tried before confinement, so that ids given by name are known to ids.c, and typing
 * errors in variables come out at the start. */
static void try_fields(struct auth *a, const struct db *db, const char *param,
		       struct faults *faults)
{
	const struct expand_vars vars = {
		.user = SLICE_LIT("user@example"), .home = SLICE_LIT("/home"),
		.service = SLICE_LIT("imap"), .remote_addr = SLICE_LIT("127.0.0.1"),
		.local_addr = SLICE_LIT("127.0.0.1"), .uid = SLICE_LIT("1"), .gid = SLICE_LIT("1"),
	};
	struct user_record u;

	user_init(&u, "user@example");
	for (const struct db_field *f = db->spec->fields; f != NULL; f = f->next) {
		struct slice value = slice_str(f->value);
		struct err err = { 0 };

		if (user_set(&u, slice_str(f->name), value, a->ids, &vars, &err) != RC_OK)
			fault(faults, NULL, param, err.text);
	}
	user_done(&u);
}

static void know_ids(struct auth *a, const struct passwd_file *f)
{
	const struct passwd_entry *e;
	uid_t uid;
	gid_t gid;

	for (size_t pos = 0; (e = passwd_file_next(f, &pos)) != NULL;)
		if ((e->uid.n > 0 && ids_uid(a->ids, e->uid, &uid) != RC_OK) ||
		    (e->gid.n > 0 && ids_gid(a->ids, e->gid, &gid) != RC_OK))
			log_warn(NULL, "%s: user %.*s has an unknown uid or gid",
				 passwd_file_path(f), SLICE_ARG(e->user));
}

/* A file that is missing now may come later, and other sources work without it. */
static void open_files(struct auth *a)
{
	for (size_t i = 0; i < a->n_files; i++) {
		struct err err = { 0 };

		if (passwd_file_refresh(a->files[i], &err) != RC_OK)
			log_err(NULL, &err, "cannot read a database");
		else
			know_ids(a, a->files[i]);
	}
}

static void set_mechs(struct auth *a, const struct str_list *names, struct faults *faults)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct sasl_mech *m = sasl_mech_find(slice_str(names->v[i]));

		if (m == NULL)
			faults_add(faults, true, NULL, 0, "known are: plain, login",
				   "auth_mechanisms: unknown mechanism %s", names->v[i]);
		else if (auth_mech(a, slice_str(m->name)) == NULL && a->n_mechs < AUTH_MECHS_MAX)
			a->mechs[a->n_mechs++] = m;
	}
	if (names->n == 0)
		fault(faults, "give at least one: plain", "auth_mechanisms", "is empty");
}

static void check_names(const struct auth *a, struct faults *faults)
{
	char out[NAME_MAX_BYTES + 1];
	struct name_rules rules = a->names;
	struct err err = { 0 };

	rules.chars = "";
	if (name_canonical(&rules, SLICE_LIT("user@example"), out, &err) != RC_OK)
		fault(faults, NULL, "auth_username_format", err.text);
}

static void check_location(const struct auth *a, struct faults *faults)
{
	const struct expand_vars vars = { .user = SLICE_LIT("user@example") };
	struct user_record u;
	struct err err = { 0 };

	user_init(&u, "user@example");
	u.uid = u.gid = (uid_t)a->params->first_valid_uid;	/* any that is allowed */
	u.has_uid = u.has_gid = true;
	memcpy(u.home, "/home", sizeof("/home"));
	if (user_finish(&u, a->params->mail_location, u.uid, &vars, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "for example: maildir:~/Maildir", "%s", err.text);
	user_done(&u);
}

static void check_rootless(const struct auth *a, struct faults *faults)
{
	for (size_t i = 0; i < a->n_passdbs; i++)
		if (a->passdbs[i].spec->type == DB_PAM)
			fault(faults, "use passwd-file:PATH, or start as root", "auth_passdbs",
			      "pam needs root");
}

void auth_setup(struct auth *a, const struct auth_params *params, bool is_rootless,
		struct arena *arena, struct faults *faults)
{
	*a = (struct auth){ .params = params };
	a->names = (struct name_rules){ params->auth_username_format, params->auth_username_chars,
					params->auth_default_realm };
	a->first_valid_uid = (uid_t)params->first_valid_uid;
	if (is_rootless && geteuid() < a->first_valid_uid)
		a->first_valid_uid = geteuid();	/* nobody but ourselves can be served anyway */
	a->ids = ids_new();
	set_mechs(a, &params->auth_mechanisms, faults);
	for (size_t i = 0; i < params->auth_passdbs.n; i++)
		add_db(a, slice_str(params->auth_passdbs.v[i]), DB_FOR_PASSWORDS, arena, faults);
	for (size_t i = 0; i < params->auth_userdbs.n; i++)
		add_db(a, slice_str(params->auth_userdbs.v[i]), DB_FOR_USERS, arena, faults);
	for (size_t i = 0; i < a->n_userdbs; i++)
		try_fields(a, &a->userdbs[i], "auth_userdbs", faults);
	check_names(a, faults);
	check_location(a, faults);
	if (is_rootless)
		check_rootless(a, faults);
	open_files(a);
}

void auth_start(struct auth *a, struct loop *loop, struct workers *workers)
{
	ids_are_confined(a->ids);
	a->loop = loop;
	a->workers = workers;
	a->tokens = tokens_new();
	list_init(&a->delayed);
	a->penalties = penalties_new(a->params->auth_penalty_max);
	list_init(&a->asked);
	list_init(&a->held);
	timer_init(&a->delay, loop, request_on_delay);
	timer_init(&a->patience, loop, request_on_patience);
	timer_init(&a->held_timer, loop, request_on_held);
}

void auth_done(struct auth *a)
{
	if (a->loop != NULL) {
		timer_stop(&a->delay);
		timer_stop(&a->patience);
		timer_stop(&a->held_timer);
	}
	for (size_t i = 0; i < a->n_files; i++)
		passwd_file_free(&a->files[i]);
	tokens_free(&a->tokens);
	penalties_free(&a->penalties);
	workers_free(&a->workers);
	ids_free(&a->ids);
	free(a->files);
	free(a->passdbs);
	free(a->userdbs);
}

bool auth_is_busy(const struct auth *a)
{
	return a->n_requests > 0 || a->n_asks > 0 || tokens_count(a->tokens) > 0;
}

void auth_drain(struct auth *a)
{
	a->is_draining = true;
	request_end_waiting(a);
}

const struct sasl_mech *auth_mech(const struct auth *a, struct slice name)
{
	for (size_t i = 0; i < a->n_mechs; i++)
		if (slice_iis(name, a->mechs[i]->name))
			return a->mechs[i];
	return NULL;
}
