/* SPDX-License-Identifier: ISC */
#include "local/expand.h"

#include "lib/ipc/localworker.h"
#include "local/alias.h"

enum { LEVEL_MAX = 100 };

/* Where the expansion stands: copied on the way down. */
struct scope {
	struct slice address;		/* being delivered now */
	struct slice local, domain;	/* LOCAL and its parts are in lower case */
	struct slice user;		/* without extension */
	struct slice extension, delimiter;
	struct slice unmatched;		/* extension that no alias or file has used */
	const struct user_info *rights;	/* of files and commands; NULL: default_privs */
	unsigned from;			/* FROM_*, 0 at the top */
	struct slice alias;		/* name of the innermost alias */
	struct slice sender;
	bool has_owner, is_luser;
	struct slice owner;		/* list or user whose members get a new message; or none */
	struct slice delivered_to;
	unsigned level;
};

struct expansion {
	const struct expand_input *in;
	const struct config *c;
	struct facts *f;
	struct arena *a;
	struct plan *plan;
	struct hash seen;	/* duplicates */
	bool is_incomplete;	/* a fact has yet to come */
	bool is_full;		/* a limit was met */
	struct err err;
};

/* --- small parts --- */

static struct slice keep(struct expansion *x, struct slice s)
{
	struct slice r = arena_slice(x->a, s);

	if (r.p == NULL)
		x->is_full = true;
	return r;
}

static struct slice keep_printf(struct expansion *x, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static struct slice keep_printf(struct expansion *x, const char *fmt, ...)
{
	struct slice r;
	struct buf b;
	va_list ap;

	buf_init(&b, 1 << 16);
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	r = keep(x, buf_slice(&b));
	buf_done(&b);
	return r;
}

/* S is the arena's own. */
static struct slice lower(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		((char *)(uintptr_t)s.p)[i] = char_lower(s.p[i]);
	return s;
}

static struct slice keep_lower(struct expansion *x, struct slice s)
{
	return lower(keep(x, s));
}

/* True when KEY comes for the first time (or more are remembered than allowed). Paths and commands
 * differ by case, addresses do not: their keys are folded. */
static bool is_new(struct expansion *x, struct slice key)
{
	int64_t limit = x->c->duplicate_filter_limit;

	if (key.p == NULL || hash_get(&x->seen, key) != NULL)
		return false;
	if (limit == 0 || (int64_t)hash_count(&x->seen) < limit)
		x->is_full = hash_put(&x->seen, key, x, NULL) != RC_OK || x->is_full;
	return true;
}

static void warn(struct expansion *x, struct slice text)
{
	if (x->plan->warning.n == 0)
		x->plan->warning = text;
}

static struct action *append(struct expansion *x, const struct scope *s, enum action_kind kind)
{
	struct action *a = ARENA_NEW(x->a, struct action);

	if (a == NULL) {
		x->is_full = true;
		return NULL;
	}
	a->kind = kind;
	/* What is forwarded is done for the recipient as it came. */
	a->address = kind == ACTION_FORWARD ? x->in->address : s->address;
	if (!s->has_owner)
		a->original = slice_eq(a->address, x->in->address) || x->in->original.n > 0
				      ? x->in->original : x->in->address;
	a->sender = s->sender;
	a->has_owner = s->has_owner;
	a->delivered_to = s->delivered_to;
	if (x->plan->last != NULL)
		x->plan->last->next = a;
	else
		x->plan->first = a;
	x->plan->last = a;
	x->plan->n++;
	return a;
}

static void settle(struct expansion *x, const struct scope *s, int status, const char *dsn,
		   struct slice text)
{
	struct action *a = append(x, s, ACTION_SETTLED);

	if (a != NULL)
		outcome_set(&a->out, status, dsn, "%.*s", SLICE_ARG(text));
}

/* RC_OK and RC_END are left to the caller (true); all else ends this branch. */
static bool is_answer(struct expansion *x, const struct scope *s, enum rc rc, struct err *err)
{
	switch (rc) {
	case RC_OK:
	case RC_END:
		return true;
	case RC_MORE:
		x->is_incomplete = true;
		return false;
	case RC_LIMIT:
		x->is_full = true;
		return false;
	default:
		settle(x, s, OUTCOME_DEFERRED, "4.3.0", slice_str(err->text));
		return false;
	}
}

static struct delivery_names names_of(const struct expansion *x, const struct scope *s,
				      const struct user_info *user)
{
	struct delivery_names n = x->in->names;

	n.user = user;
	n.name = s->user;
	n.recipient = s->address;
	n.local = s->local;
	n.domain = s->domain;
	n.extension = s->extension;
	n.delimiter = s->delimiter;
	n.sender = s->sender;
	return n;
}

/* --- the ends: mailbox, file, command, forward --- */

static void forward(struct expansion *x, const struct scope *s, struct slice address)
{
	struct action *a;

	if (!is_new(x, lower(keep_printf(x, "forward %.*s %.*s", SLICE_ARG(s->sender),
					 SLICE_ARG(address)))))
		return;
	a = append(x, s, ACTION_FORWARD);
	if (a != NULL)
		a->path = address;
}

/* Who acts for files and commands: the user at hand, but nobody acts as root. False: not known
 * (yet). */
static bool find_rights(struct expansion *x, const struct scope *s,
			const struct user_info *user, const struct user_info **ret)
{
	struct err err = { 0 };
	enum rc rc;

	if (user != NULL && (user->uid != 0 || x->c->is_rootless)) {
		*ret = user;
		return true;
	}
	rc = facts_user(x->f, slice_str(x->c->default_privs), ret, &err);
	if (rc == RC_END)
		rc = err_set(&err, RC_TEMP, "default_privs: there is no user %s",
			     x->c->default_privs);
	return is_answer(x, s, rc, &err);
}

static void command(struct expansion *x, const struct scope *s, const struct user_info *user,
		    struct slice line)
{
	const struct user_info *rights;
	struct delivery_names names;
	struct err err = { 0 };
	struct action *a;
	struct buf b;
	enum rc rc;

	if (!find_rights(x, s, user, &rights) ||
	    !is_new(x, keep_printf(x, "command %u %.*s", (unsigned)rights->uid, SLICE_ARG(line))))
		return;
	a = append(x, s, ACTION_COMMAND);
	if (a == NULL)
		return;
	names = names_of(x, s, user);
	a->user = rights;
	a->path = line;
	a->place = WORKER_COMMAND;
	buf_init(&b, 10240);
	macros_environment(x->c, &names, &b);
	a->environment = keep(x, buf_slice(&b));
	buf_reset(&b);
	rc = macros_expand(&names, x->c->p.command_execution_directory,
			   x->c->p.execution_directory_expansion_filter, &b, &err);
	if (rc < RC_OK)
		outcome_set(&a->out, OUTCOME_DEFERRED, "4.3.5", "command_execution_directory: %s",
			    err.text);
	a->directory = rc == RC_OK && buf_len(&b) > 0 ? keep(x, buf_slice(&b))
						      : slice_str(x->c->queue_directory);
	buf_done(&b);
}

/* A path with the directory a worker for it needs. */
static void put(struct expansion *x, const struct scope *s, enum action_kind kind,
		const struct user_info *rights, enum worker_kind place, struct slice path,
		struct slice mailbox_user)
{
	struct action *a;
	struct slice dir = path;
	bool is_maildir = path.n > 0 && path.p[path.n - 1] == '/';

	if (!is_new(x, keep_printf(x, "file %u %.*s", (unsigned)rights->uid, SLICE_ARG(path))))
		return;
	if (path.n > 2900) {
		settle(x, s, OUTCOME_BOUNCED, "5.2.0", SLICE_LIT("mailbox path is too long"));
		return;
	}
	a = append(x, s, kind);
	if (a == NULL)
		return;
	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	dir.n = (size_t)slice_rchr(dir, '/');
	a->user = rights;
	a->place = place;
	a->path = path;
	a->dir = place != WORKER_FILE ? (struct slice){ NULL, 0 }
				      : dir.n > 0 ? dir : SLICE_LIT("/");
	a->format = is_maildir ? WORK_MAILDIR : kind == ACTION_MAILBOX ? WORK_MBOX : WORK_FILE;
	a->mailbox_user = mailbox_user;
}

static void mailbox_place(struct expansion *x, const struct scope *s, const struct user_info *user)
{
	const char *home_mailbox = x->c->p.home_mailbox, *spool = x->c->p.mail_spool_directory;
	size_t n = strlen(spool);
	bool is_maildir = spool[n - 1] == '/';
	const struct user_info *rights = user;

	/* Root's mailbox among the others is root's file; at home nothing is written as root. */
	if (home_mailbox[0] != '\0' && !find_rights(x, s, user, &rights))
		return;
	if (home_mailbox[0] != '\0')
		put(x, s, ACTION_MAILBOX, rights, WORKER_HOME,
		    keep_printf(x, "%.*s/%s", SLICE_ARG(user->home), home_mailbox), user->name);
	else
		put(x, s, ACTION_MAILBOX, rights, WORKER_SPOOL,
		    keep_printf(x, "%s%s%.*s%s", spool, is_maildir ? "" : "/",
				SLICE_ARG(user->name), is_maildir ? "/" : ""), user->name);
}

/* The user's own way of getting mail, whatever aliases and .forward say. */
static void mailbox(struct expansion *x, const struct scope *s, const struct user_info *user)
{
	struct err err = { 0 };
	struct slice line;
	enum rc rc;

	if (!is_new(x, keep_printf(x, "mailbox %.*s", SLICE_ARG(user->name))))
		return;
	rc = table_list_lookup(&x->c->mailbox_command_maps, &x->f->memo, s->user, &line, NULL, &err);
	if (!is_answer(x, s, rc, &err))
		return;
	if (rc == RC_END)
		line = slice_str(x->c->p.mailbox_command);
	if (line.n > 0)
		command(x, s, user, keep(x, line));
	else
		mailbox_place(x, s, user);
}

/* --- expansion --- */

static void deliver(struct expansion *x, struct scope s);
static void deliver_target(struct expansion *x, const struct scope *s, const struct target *t);

static void deliver_targets(struct expansion *x, const struct scope *s,
			    const struct target_list *list)
{
	x->plan->is_expanded = true;
	for (const struct target *t = list->first; t != NULL && !x->is_full; t = t->next)
		deliver_target(x, s, t);
}

static void deliver_address(struct expansion *x, const struct scope *s, struct slice text)
{
	struct address_query q = { .conf = x->c->address, .memo = &x->f->memo, .arena = x->a };
	struct scope next = *s;
	struct address_route route;
	struct err err = { 0 };
	struct buf b, full;
	enum rc rc;

	buf_init(&b, ADDRESS_MAX);
	buf_init(&full, ADDRESS_MAX);
	buf_add(&b, address_local(text));
	if (s->unmatched.n > 0 && (x->c->extensions_to & s->from) != 0) {
		buf_add(&b, s->delimiter);
		buf_add(&b, s->unmatched);
	}
	buf_add(&b, slice_skip(text, address_local(text).n));
	address_rewrite(x->c->address, buf_slice(&b), &full);
	next.address = keep(x, buf_slice(&full));
	buf_done(&b);
	buf_done(&full);
	rc = address_resolve(&q, s->sender, next.address, &route, &err);
	if (!is_answer(x, s, rc, &err) || rc == RC_END)
		return;
	if (slice_is(route.transport, x->c->service)) {
		next.address = route.recipient;
		deliver(x, next);
	} else {
		forward(x, s, next.address);
	}
}

/* Without a user of its own an :include: file is read, and what it says is done, as its owner.
 * False: not known yet, or trouble. */
static bool find_include_rights(struct expansion *x, struct scope *s, struct slice path,
				const struct user_info **ret)
{
	struct err err = { 0 };
	enum rc rc = s->rights != NULL ? RC_END : facts_owner(x->f, path, &s->rights, &err);

	return is_answer(x, s, rc, &err) && find_rights(x, s, s->rights, ret);
}

static void deliver_include(struct expansion *x, const struct scope *s, struct slice path)
{
	const struct target_list *list;
	const struct user_info *rights;
	struct scope next = *s;
	struct err err = { 0 };
	enum rc rc;

	next.from = FROM_INCLUDE;
	if (next.owner.n == 0)
		next.owner = s->address;
	if (++next.level > LEVEL_MAX) {
		settle(x, s, OUTCOME_BOUNCED, "5.4.6", keep_printf(x, "include loop for %.*s",
								   SLICE_ARG(path)));
		return;
	}
	if (path.n == 0 || path.p[0] != '/') {
		settle(x, s, OUTCOME_BOUNCED, "5.3.5",
		       keep_printf(x, ":include:%.*s uses a relative path", SLICE_ARG(path)));
		return;
	}
	if (!find_include_rights(x, &next, path, &rights) ||
	    !is_new(x, keep_printf(x, "include %u %.*s", (unsigned)rights->uid, SLICE_ARG(path))))
		return;
	rc = facts_file(x->f, rights, path, false, &list, &err);
	if (rc == RC_END)
		rc = err_set(&err, RC_TEMP, "include file %.*s is not there", SLICE_ARG(path));
	if (is_answer(x, s, rc, &err))
		deliver_targets(x, &next, list);
}

static void deliver_file(struct expansion *x, const struct scope *s, struct slice path)
{
	const struct user_info *rights;

	if ((s->from & x->c->files_from) == 0)
		settle(x, s, OUTCOME_BOUNCED, "5.7.1", SLICE_LIT("mail to file is restricted"));
	else if (path.p[0] == '~' && s->rights == NULL)
		settle(x, s, OUTCOME_BOUNCED, "5.1.1",
		       keep_printf(x, "%.*s: nobody's home directory", SLICE_ARG(path)));
	else if (find_rights(x, s, s->rights, &rights))
		put(x, s, ACTION_FILE, rights, WORKER_FILE,
		    path.p[0] != '~' ? path :
		    keep_printf(x, "%.*s%.*s", SLICE_ARG(s->rights->home),
				SLICE_ARG(slice_skip(path, 1))), rights->name);
}

static void deliver_target(struct expansion *x, const struct scope *s, const struct target *t)
{
	struct scope next = *s;

	switch (t->kind) {
	case TARGET_ADDRESS:
		deliver_address(x, s, t->text);
		return;
	case TARGET_USER:
		next.address = keep_printf(x, "\\%.*s@%.*s", SLICE_ARG(address_local(t->text)),
					   SLICE_ARG(s->domain));
		deliver(x, next);
		return;
	case TARGET_INCLUDE:
		deliver_include(x, s, t->text);
		return;
	case TARGET_COMMAND:
		if ((s->from & x->c->commands_from) == 0)
			settle(x, s, OUTCOME_BOUNCED, "5.7.1",
			       SLICE_LIT("mail to command is restricted"));
		else
			command(x, s, s->rights, t->text);
		return;
	case TARGET_FILE:
		deliver_file(x, s, t->text);
		return;
	}
}

/* owner-NAME makes the list's owner the sender. False: not known yet, or trouble. */
static bool set_owner(struct expansion *x, struct scope *s, struct slice name)
{
	struct slice value, owner = keep_printf(x, "owner-%.*s", SLICE_ARG(name));
	struct err err = { 0 };
	struct buf b;
	enum rc rc;

	if (!x->c->p.owner_request_special || slice_starts(name, SLICE_LIT("owner-")))
		return true;
	rc = table_list_lookup(&x->c->aliases, &x->f->memo, owner, &value, NULL, &err);
	if (!is_answer(x, s, rc, &err))
		return false;
	if (rc == RC_OK) {
		buf_init(&b, ADDRESS_MAX);
		address_rewrite(x->c->address, x->c->p.expand_owner_alias ? slice_trim_space(value)
									   : owner, &b);
		s->sender = keep(x, buf_slice(&b));
		s->has_owner = true;
		s->owner = owner;
		buf_done(&b);
	} else if (x->c->p.reset_owner_alias) {
		s->owner = (struct slice){ 0 };
	}
	return true;
}

static bool set_alias_rights(struct expansion *x, struct scope *s, const struct table *table)
{
	struct err err = { 0 };
	size_t i = 0;
	enum rc rc;

	s->rights = NULL;
	while (i < x->c->aliases.n && x->c->aliases.v[i] != table)
		i++;
	if (i == x->c->aliases.n || x->c->alias_owners[i] == NULL)
		return true;
	rc = facts_user(x->f, slice_str(x->c->alias_owners[i]), &s->rights, &err);
	if (rc == RC_END)
		rc = err_set(&err, RC_TEMP, "the owner of an alias table is gone");
	return is_answer(x, s, rc, &err);
}

/* True when NAME is an alias (or may be one, when asking failed): it is dealt with. */
static bool deliver_alias(struct expansion *x, const struct scope *s, struct slice name,
			  struct slice unmatched)
{
	struct target_list list = { 0 };
	struct scope next = *s;
	struct err err = { 0 };
	struct table *table;
	struct slice value;
	enum rc rc;

	if (slice_ieq(s->alias, name))
		return false;	/* an alias that names itself means the user */
	rc = table_list_lookup(&x->c->aliases, &x->f->memo, name, &value, &table, &err);
	if (rc == RC_END)
		return false;
	if (!is_answer(x, s, rc, &err))
		return true;
	next.from = FROM_ALIAS;
	next.alias = name;
	next.unmatched = unmatched;
	if (!x->c->p.frozen_delivered_to)
		next.delivered_to = s->address;
	value = keep(x, value);
	if (!set_alias_rights(x, &next, table) || !set_owner(x, &next, name))
		return true;
	if (alias_parse(value, x->a, &list) != RC_OK)
		x->is_full = true;
	if (list.bad.n > 0)
		warn(x, keep_printf(x, "alias %.*s: bad address \"%.*s\"", SLICE_ARG(name),
				    SLICE_ARG(list.bad)));
	if (list.n == 0)
		settle(x, &next, OUTCOME_DEFERRED, "4.3.5",
		       keep_printf(x, "alias %.*s has no usable destination", SLICE_ARG(name)));
	/* Trouble with one of several is not to repeat what was done for the others. */
	if (list.n > 1 && next.owner.n == 0)
		next.owner = name;
	deliver_targets(x, &next, &list);
	return true;
}

static void unknown(struct expansion *x, const struct scope *s)
{
	struct delivery_names names = names_of(x, s, NULL);
	struct scope next = *s;
	struct err err = { 0 };
	struct buf b;
	enum rc rc;

	names.user = &(struct user_info){ .name = s->user };
	if (x->c->p.luser_relay[0] != '\0' && !s->is_luser) {
		buf_init(&b, ADDRESS_MAX);
		rc = macros_expand(&names, x->c->p.luser_relay, NULL, &b, &err);
		next.is_luser = true;
		next.unmatched = (struct slice){ 0 };
		if (rc < RC_OK || buf_len(&b) == 0)
			settle(x, s, OUTCOME_DEFERRED, "4.3.5",
			       keep_printf(x, "luser_relay: %s",
					   rc < RC_OK ? err.text : "no address"));
		else
			deliver_address(x, &next, keep(x, buf_slice(&b)));
		buf_done(&b);
		return;
	}
	if (slice_is(s->user, "mailer-daemon") || slice_is(s->user, "postmaster"))
		settle(x, s, OUTCOME_SENT, "2.0.0",
		       SLICE_LIT("discarded"));
	else
		settle(x, s, OUTCOME_BOUNCED, "5.1.1",
		       keep_printf(x, "unknown user: \"%.*s\"", SLICE_ARG(s->user)));
}

/* True: a .forward file decides (or it is not known yet, or trouble). */
static bool deliver_forward(struct expansion *x, const struct scope *s,
			    const struct user_info *user)
{
	struct delivery_names names = names_of(x, s, user);
	struct slice paths = slice_str(x->c->p.forward_path), word, path;
	const struct target_list *list = NULL;
	struct scope next = *s;
	struct err err = { 0 };
	enum rc rc = RC_END;
	struct buf b;

	buf_init(&b, 4000);
	while (rc == RC_END && slice_token(&paths, ", \t\r\n", &word)) {
		char raw[1024];

		buf_reset(&b);
		if (!slice_to_cstr(word, raw, sizeof(raw)) ||
		    macros_expand(&names, raw, x->c->p.forward_expansion_filter, &b, &err) != RC_OK)
			continue;
		path = keep(x, buf_slice(&b));
		if (strstr(raw, "extension") != NULL)
			next.unmatched = (struct slice){ 0 };
		else
			next.unmatched = s->unmatched;
		rc = facts_file(x->f, user, path, true, &list, &err);
	}
	buf_done(&b);
	if (rc == RC_DENIED) {
		warn(x, keep(x, slice_str(err.text)));
		return false;
	}
	if (rc == RC_END || !is_answer(x, s, rc, &err))
		return rc != RC_END;
	if (!is_new(x, keep_printf(x, "dot %u %.*s", (unsigned)user->uid, SLICE_ARG(path))))
		return false;
	if (list->bad.n > 0)
		warn(x, keep_printf(x, "%.*s: bad address \"%.*s\"", SLICE_ARG(path),
				    SLICE_ARG(list->bad)));
	if (list->n == 0)
		return false;
	next.from = FROM_FORWARD;
	next.rights = user;
	next.owner = s->user;
	if (!x->c->p.frozen_delivered_to)
		next.delivered_to = s->address;
	deliver_targets(x, &next, list);
	return true;
}

static void deliver_user(struct expansion *x, const struct scope *s, bool is_direct)
{
	const struct user_info *user;
	struct err err = { 0 };
	enum rc rc = facts_user(x->f, s->user, &user, &err);
	bool is_root;

	if (!is_answer(x, s, rc, &err))
		return;
	if (rc == RC_END) {
		unknown(x, s);
		return;
	}
	is_root = user->uid == 0 && !x->c->is_rootless;
	if (x->c->p.require_home_directory && !is_root &&
	    !is_answer(x, s, facts_home(x->f, user, &err), &err))
		return;
	if (is_direct || is_root || !deliver_forward(x, s, user))
		mailbox(x, s, user);
}

/* The parts of s->address; a backslash in front is dropped: *RET_DIRECT. */
static void take_apart(struct expansion *x, struct scope *s, bool *ret_direct)
{
	struct slice ext;

	*ret_direct = s->address.n > 0 && s->address.p[0] == '\\';
	if (*ret_direct)
		s->address = slice_skip(s->address, 1);
	s->domain = address_domain(s->address);
	s->local = keep_lower(x, address_local(s->address));
	s->user = alias_split_extension(s->local, x->c->delimiters, x->c->p.owner_request_special,
					&ext);
	s->extension = s->unmatched = ext;
	s->delimiter = ext.p != NULL ? slice_make(ext.p - 1, 1) : (struct slice){ 0 };
}

static void deliver(struct expansion *x, struct scope s)
{
	struct slice none = { 0 };
	bool is_direct;

	if (x->is_full)
		return;
	if (++s.level > LEVEL_MAX) {
		struct slice text = keep_printf(x, "alias database loop for %.*s",
						SLICE_ARG(address_local(s.address)));

		warn(x, text);
		settle(x, &s, OUTCOME_BOUNCED, "5.4.6", text);
		return;
	}
	if (!is_new(x, lower(keep_printf(x, "recipient %u %.*s", s.level, SLICE_ARG(s.address)))))
		return;
	take_apart(x, &s, &is_direct);
	if (x->is_full)
		return;
	if (is_direct) {
		deliver_user(x, &s, true);
		return;
	}
	if (s.extension.n > 0 && deliver_alias(x, &s, s.local, none))
		return;
	if (deliver_alias(x, &s, s.user, s.extension))
		return;
	/* A member of an alias with several, of a list or of a .forward file: a new message, with
	 * its own marks. */
	if (s.owner.n > 0 && !slice_ieq(s.owner, s.user) && !slice_ieq(s.owner, s.local))
		forward(x, &s, s.address);
	else
		deliver_user(x, &s, false);
}

enum rc expand_recipient(const struct expand_input *in, struct facts *f, struct plan *out,
			 struct err *err)
{
	struct expansion x = { .in = in, .c = in->config, .f = f, .a = f->arena, .plan = out };
	struct scope s = { .address = in->address, .delivered_to = in->address,
			   .sender = in->names.sender };

	*out = (struct plan){ 0 };
	hash_init(&x.seen, SIZE_MAX / 2, false);
	deliver(&x, s);
	hash_done(&x.seen);
	if (x.is_incomplete)
		return RC_MORE;
	if (x.is_full)
		return err_set(err, RC_LIMIT, "aliases of %.*s expand to too much",
			       SLICE_ARG(in->address));
	return RC_OK;
}
