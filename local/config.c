/* SPDX-License-Identifier: ISC */
#include "local/config.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/conf/registry.h"
#include "lib/table/match.h"
#include "lib/deliver/mbox.h"

static const char *expanded(struct daemon *d, const char *name, struct faults *faults)
{
	struct err err = { 0 };
	struct buf b;
	char *s;

	buf_init(&b, 65536);
	if (conf_expand_name(daemon_conf(d), slice_str(name), &b, &err) != RC_OK)
		faults_add(faults, true, "main.cf", 0, NULL, "%s: %s", name, err.text);
	s = arena_str(daemon_arena(d), buf_slice(&b));
	buf_done(&b);
	return s != NULL ? s : "";
}

/* A parameter that another program's params.def declares: the same fault in the same words. */
static int64_t expanded_size(struct daemon *d, const char *name, struct faults *faults)
{
	const struct conf *c = daemon_conf(d);
	struct param_spec spec = *registry_find(conf_registry(c), slice_str(name));
	int64_t v = 0;

	spec.offset = 0;
	params_load(&spec, 1, c, daemon_arena(d), &v, faults);
	return v;
}

static unsigned flags_of(const struct str_list *words, const char *name, const char *const *names,
			 size_t n, struct faults *faults)
{
	unsigned flags = 0;

	for (size_t i = 0; i < words->n; i++) {
		size_t k = 0;

		while (k < n && strcasecmp(words->v[i], names[k]) != 0)
			k++;
		if (k < n)
			flags |= 1u << k;
		else
			faults_add(faults, true, "main.cf", 0, NULL, "%s: unknown word \"%s\"", name,
				   words->v[i]);
	}
	return flags;
}

static unsigned locks_of(const struct str_list *words, const char *name, struct faults *faults)
{
	unsigned locks = 0;

	for (size_t i = 0; i < words->n; i++) {
		unsigned one;

		if (mbox_parse_locks(slice_str(words->v[i]), &one) == RC_OK)
			locks |= one;
		else
			faults_add(faults, true, "main.cf", 0, "write fcntl, flock or dotlock",
				   "%s: unknown lock \"%s\"", name, words->v[i]);
	}
	if (locks == 0 && words->n == 0)
		faults_add(faults, true, "main.cf", 0, "write fcntl, dotlock",
			   "%s: no lock is named", name);
	return locks;
}

/* Commands and files of an alias table run with the rights of the table's owner, and those of
 * root's tables as default_privs: NULL. */
static const char *owner_of(struct daemon *d, const struct table *t)
{
	const char *name = strchr(table_spec(t), ':');
	struct passwd *pw;
	struct stat st;

	if (name == NULL || name[1] != '/' || stat(name + 1, &st) != 0 || st.st_uid == 0)
		return NULL;
	pw = getpwuid(st.st_uid);
	return pw != NULL ? arena_str(daemon_arena(d), slice_str(pw->pw_name)) : NULL;
}

/* local opens proxy: tables itself, for what stands in aliases is executed. */
static void open_aliases(struct config *c, struct daemon *d, struct faults *faults)
{
	struct str_list words;
	struct err err = { 0 };

	if (param_split_list(slice_str(expanded(d, "alias_maps", faults)), daemon_arena(d), &words)
	    != RC_OK)
		return;
	for (size_t i = 0; i < words.n; i++)
		if (strncmp(words.v[i], "proxy:", 6) == 0)
			words.v[i] += 6;
	table_list_load(daemon_conf(d), "alias_maps", &words, TABLE_FOLD | TABLE_ALIAS_SOURCE,
			&c->aliases, faults);
	c->alias_owners = arena_alloc(daemon_arena(d),
				      (c->aliases.n + 1) * sizeof(*c->alias_owners));
	for (size_t i = 0; c->alias_owners != NULL && i < c->aliases.n; i++)
		c->alias_owners[i] = owner_of(d, c->aliases.v[i]);
	if (c->alias_owners == NULL)
		faults_add(faults, true, NULL, 0, NULL, "too many alias tables: %s", err.text);
}

/* "NAME=value" as it is, "NAME" with the value that this process has. */
static void load_environment(struct config *c, struct daemon *d, struct faults *faults)
{
	static const char path[] = "PATH=/usr/bin:/bin";
	struct str_list words;
	char **env;

	if (param_split_list(slice_str(expanded(d, "export_environment", faults)),
			     daemon_arena(d), &words) != RC_OK)
		return;
	env = arena_alloc(daemon_arena(d), (words.n + 2) * sizeof(*env));
	if (env == NULL)
		return;
	c->command_environment = env;
	env[c->n_command_environment++] = arena_str(daemon_arena(d), slice_str(path));
	for (size_t i = 0; i < words.n; i++) {
		const char *value = getenv(words.v[i]);

		if (strchr(words.v[i], '=') != NULL)
			env[c->n_command_environment++] =
				arena_str(daemon_arena(d), slice_str(words.v[i]));
		else if (value != NULL)
			env[c->n_command_environment++] =
				arena_printf(daemon_arena(d), "%s=%s", words.v[i], value);
	}
}

static void check_limit(struct daemon *d, const char *name, int64_t limit, struct faults *faults)
{
	int64_t most = expanded_size(d, "message_size_limit", faults);

	if (limit > 0 && (most == 0 || limit < most))
		faults_add(faults, true, "main.cf", 0, "raise it, or lower message_size_limit",
			   "%s: smaller than message_size_limit", name);
}

static void load_local(struct config *c, struct daemon *d, struct faults *faults)
{
	static const char *const sources[] = { "alias", "forward", "include" };
	static const char *const places[] = { "command", "file", "forward" };

	c->commands_from = flags_of(&c->p.allow_mail_to_commands, "allow_mail_to_commands", sources,
				    3, faults);
	c->files_from = flags_of(&c->p.allow_mail_to_files, "allow_mail_to_files", sources, 3,
				 faults);
	c->delivered_in = flags_of(&c->p.prepend_delivered_header, "prepend_delivered_header",
				   places, 3, faults);
	c->mailbox_locks = locks_of(&c->p.mailbox_delivery_lock, "mailbox_delivery_lock", faults);
	c->duplicate_filter_limit = expanded_size(d, "duplicate_filter_limit", faults);
	c->default_privs = expanded(d, "default_privs", faults);
	c->mail_name = expanded(d, "mail_name", faults);
	check_limit(d, "mailbox_size_limit", c->p.mailbox_size_limit, faults);
	open_aliases(c, d, faults);
	table_list_load(daemon_conf(d), "mailbox_command_maps", &c->p.mailbox_command_maps,
			TABLE_FOLD, &c->mailbox_command_maps, faults);
	address_open(daemon_conf(d), faults, &c->address);
	for (size_t i = 0; i < 3; i++)
		if (address_propagates(c->address, sources[i]))
			c->extensions_to |= 1u << i;
	load_environment(c, d, faults);
}

static void open_maps(struct daemon *d, const char *name, struct table_list *out,
		      struct faults *faults)
{
	struct str_list words;

	if (param_split_list(slice_str(expanded(d, name, faults)), daemon_arena(d), &words) == RC_OK)
		table_list_load(daemon_conf(d), name, &words, TABLE_FOLD, out, faults);
}

static void load_virtual(struct config *c, struct daemon *d, struct faults *faults)
{
	c->virtual_locks = locks_of(&c->p.virtual_mailbox_lock, "virtual_mailbox_lock", faults);
	check_limit(d, "virtual_mailbox_limit", c->p.virtual_mailbox_limit, faults);
	open_maps(d, "virtual_mailbox_maps", &c->virtual_mailbox_maps, faults);
	open_maps(d, "virtual_uid_maps", &c->virtual_uid_maps, faults);
	open_maps(d, "virtual_gid_maps", &c->virtual_gid_maps, faults);
	if (c->p.virtual_mailbox_base[0] != '\0' && c->p.virtual_mailbox_base[0] != '/')
		faults_add(faults, true, "main.cf", 0, "write it from the root on",
			   "virtual_mailbox_base: not an absolute path");
}

static bool expanded_bool(struct daemon *d, const char *name, struct faults *faults)
{
	bool value = false;

	return param_parse_bool(slice_str(expanded(d, name, faults)), &value) == RC_OK && value;
}

void config_load(struct config *c, struct daemon *d, struct faults *faults)
{
	c->is_virtual = strcmp(daemon_program(d), "virtual") == 0;
	c->is_rootless = daemon_is_rootless(d);
	c->service = daemon_service(d);
	c->myhostname = expanded(d, "myhostname", faults);
	c->queue_directory = expanded(d, "queue_directory", faults);
	c->delimiters = expanded(d, "recipient_delimiter", faults);
	c->has_original_recipient = expanded_bool(d, "enable_original_recipient", faults);
	c->soft_bounce = expanded_bool(d, "soft_bounce", faults);
	if (c->is_virtual)
		load_virtual(c, d, faults);
	else
		load_local(c, d, faults);
}

bool config_has_changed(const struct config *c, int64_t now_ms)
{
	if (c->is_virtual)
		return table_list_has_changed(&c->virtual_mailbox_maps, now_ms) ||
		       table_list_has_changed(&c->virtual_uid_maps, now_ms) ||
		       table_list_has_changed(&c->virtual_gid_maps, now_ms);
	return table_list_has_changed(&c->aliases, now_ms) ||
	       table_list_has_changed(&c->mailbox_command_maps, now_ms) ||
	       address_has_changed(c->address, now_ms);
}
