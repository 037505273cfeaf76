/* SPDX-License-Identifier: ISC */
#include "auth/dbspec.h"

#include "lib/sasl/password.h"

enum argument { ARG_NONE, ARG_OPTIONAL, ARG_PATH };

static const struct {
	const char *name;
	unsigned kinds;
	enum argument arg;
} types[] = {
	[DB_PAM] = { "pam", DB_FOR_PASSWORDS, ARG_OPTIONAL },
	[DB_PASSWD_FILE] = { "passwd-file", DB_FOR_PASSWORDS | DB_FOR_USERS, ARG_PATH },
	[DB_STATIC] = { "static", DB_FOR_PASSWORDS | DB_FOR_USERS, ARG_NONE },
	[DB_PASSWD] = { "passwd", DB_FOR_USERS, ARG_NONE },
	[DB_PREFETCH] = { "prefetch", DB_FOR_USERS, ARG_NONE },
};

const char *db_type_name(enum db_type type)
{
	return types[type].name;
}

static enum rc find_type(struct slice name, enum db_kind kind, enum db_type *out, struct err *err)
{
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!slice_is(name, types[i].name))
			continue;
		if ((types[i].kinds & kind) == 0)
			return err_set(err, RC_SYNTAX, "%s is no %s database", types[i].name,
				       kind == DB_FOR_USERS ? "user" : "password");
		*out = (enum db_type)i;
		return RC_OK;
	}
	return err_set(err, RC_SYNTAX, "unknown %s database \"%.*s\"",
		       kind == DB_FOR_USERS ? "user" : "password", SLICE_ARG(name));
}

static enum rc set_type(struct db_spec *s, struct slice word, enum db_kind kind,
			struct arena *arena, struct err *err)
{
	struct slice name = word, arg = { 0 };
	ptrdiff_t colon = slice_chr(word, ':');
	enum rc rc;

	if (colon >= 0) {
		name = slice_sub(word, 0, (size_t)colon);
		arg = slice_skip(word, (size_t)colon + 1);
	}
	rc = find_type(name, kind, &s->type, err);
	if (rc != RC_OK)
		return rc;
	if (arg.n > 0 && types[s->type].arg == ARG_NONE)
		return err_set(err, RC_SYNTAX, "%s takes no argument", types[s->type].name);
	if (types[s->type].arg == ARG_PATH && (arg.n == 0 || arg.p[0] != '/'))
		return err_set(err, RC_SYNTAX, "%s needs an absolute path: %s:/etc/...",
			       types[s->type].name, types[s->type].name);
	s->arg = arena_str(arena, arg);
	return s->arg != NULL ? RC_OK : err_set(err, RC_LIMIT, "too much configuration");
}

static enum rc set_bool(bool *out, const char *name, struct slice value, struct err *err)
{
	if (value.p == NULL || slice_iis(value, "yes"))
		*out = true;
	else if (slice_iis(value, "no"))
		*out = false;
	else
		return err_set(err, RC_SYNTAX, "%s is yes or no", name);
	return RC_OK;
}

/* *RET_TAKEN: NAME is an option of this type, not a field. */
static enum rc set_option(struct db_spec *s, struct slice name, struct slice value,
			  enum db_kind kind, struct arena *arena, bool *ret_taken, struct err *err)
{
	bool has_key = s->type == DB_PASSWD_FILE;

	*ret_taken = true;
	if (has_key && slice_is(name, "username_format"))
		s->username_format = arena_str(arena, value);
	else if (kind == DB_FOR_PASSWORDS && slice_is(name, "scheme")) {
		if (!password_scheme_is_known(value))
			return err_set(err, RC_SYNTAX, "unknown password scheme \"%.*s\"",
				       SLICE_ARG(value));
		s->scheme = arena_str(arena, value);
	} else if (kind == DB_FOR_PASSWORDS && slice_is(name, "deny"))
		return set_bool(&s->is_deny, "deny", value, err);
	else if (s->type == DB_STATIC && kind == DB_FOR_USERS &&
		 slice_is(name, "allow_all_users"))
		return set_bool(&s->allow_all_users, "allow_all_users", value, err);
	else
		*ret_taken = false;
	return RC_OK;
}

static enum rc add_field(struct db_field ***tail, struct slice name, struct slice value,
			 struct arena *arena, struct err *err)
{
	struct db_field *f = ARENA_NEW(arena, struct db_field);

	if (f == NULL || (f->name = arena_str(arena, name)) == NULL ||
	    (value.p != NULL && (f->value = arena_str(arena, value)) == NULL))
		return err_set(err, RC_LIMIT, "too much configuration");
	**tail = f;
	*tail = &f->next;
	return RC_OK;
}

enum rc db_spec_parse(struct slice word, enum db_kind kind, struct arena *arena,
		      struct db_spec **out, struct err *err)
{
	struct db_spec *s = ARENA_NEW(arena, struct db_spec);
	struct slice rest = slice_trim_space(word), item;
	struct db_field **tail;
	enum rc rc;

	if (s == NULL)
		return err_set(err, RC_LIMIT, "too much configuration");
	*s = (struct db_spec){ .scheme = "CRYPT" };
	tail = &s->fields;
	if (slice_starts(rest, SLICE_LIT("{")) && slice_ends(rest, SLICE_LIT("}")) && rest.n >= 2)
		rest = slice_sub(rest, 1, rest.n - 2);
	if (!slice_token(&rest, ", \t\r\n", &item))
		return err_set(err, RC_SYNTAX, "empty element");
	rc = set_type(s, item, kind, arena, err);
	while (rc == RC_OK && slice_token(&rest, ", \t\r\n", &item)) {
		ptrdiff_t eq = slice_chr(item, '=');
		struct slice name = eq < 0 ? item : slice_sub(item, 0, (size_t)eq);
		struct slice value = eq < 0 ? (struct slice){ NULL, 0 }
					    : slice_skip(item, (size_t)eq + 1);
		bool taken;

		rc = set_option(s, name, value, kind, arena, &taken, err);
		if (rc == RC_OK && !taken)
			rc = add_field(&tail, name, value, arena, err);
	}
	if (rc != RC_OK) {
		err_context(err, "%.*s", SLICE_ARG(word));
		return rc;
	}
	*out = s;
	return RC_OK;
}
