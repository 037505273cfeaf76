/* SPDX-License-Identifier: ISC */
#include "lib/sys/roles.h"

enum { R = PATH_READ, RW = PATH_READ | PATH_WRITE, RWX = PATH_READ | PATH_WRITE | PATH_EXEC };

#define Q(name, access) { ROLE_DIR_QUEUE, name, access }
#define D(name, access) { ROLE_DIR_DATA, name, access }
#define C(name, access) { ROLE_DIR_CONFIG, name, access }
#define A(name, access) { ROLE_DIR_ABSOLUTE, name, access }
#define PATHS(...) (const struct role_path[]){ __VA_ARGS__ __VA_OPT__(,) { 0 } }
#define PEERS(...) (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL }
#define ROLE(role_name, role_user, role_calls, role_flags, role_paths, role_peers, role_purpose) \
	{ .name = role_name, .user = ROLE_USER_##role_user, .calls = role_calls, \
	  .flags = role_flags, .paths = role_paths, .peers = role_peers, .purpose = role_purpose },

static const struct role roles[] = {
#include "lib/sys/roles.def"
};

const struct role *role_at(size_t i)
{
	return i < sizeof(roles) / sizeof(roles[0]) ? &roles[i] : NULL;
}

const struct role *role_find(const char *name)
{
	const struct role *role;

	for (size_t i = 0; (role = role_at(i)) != NULL; i++)
		if (strcmp(role->name, name) == 0)
			return role;
	return NULL;
}

bool role_may_connect(const struct role *role, struct slice service, const struct role *target)
{
	bool delivers = target == NULL || (target->flags & ROLE_DELIVERS) != 0;

	for (const char *const *p = role->peers; *p != NULL; p++)
		if (slice_is(service, *p) || (delivers && strcmp(*p, "*") == 0))
			return true;
	return false;
}

void role_describe_calls(const struct role *role, struct buf *out)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {
		{ CALLS_SOCK, "sockets" }, { CALLS_NET, "network" }, { CALLS_LOCAL, "unix" },
		{ CALLS_READ, "open" }, { CALLS_WRITE, "create" }, { CALLS_THREADS, "threads" },
		{ CALLS_FORK, "fork" }, { CALLS_BECOME, "setuid" }, { CALLS_EXEC, "exec" },
		{ CALLS_MODULES, "modules" }, { CALLS_ANY, "any" },
	};
	size_t start = buf_len(out);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (role->calls & words[i].flag)
			buf_addf(out, "%s%s", buf_len(out) > start ? " " : "", words[i].word);
}

void role_describe_paths(const struct role *role, struct buf *out)
{
	static const char *const dirs[] = {
		[ROLE_DIR_QUEUE] = "queue/", [ROLE_DIR_DATA] = "data/",
		[ROLE_DIR_CONFIG] = "config/", [ROLE_DIR_ABSOLUTE] = "",
	};

	for (const struct role_path *p = role->paths; p->name != NULL; p++)
		buf_addf(out, "%s%s%s%s %s%s", p == role->paths ? "" : ", ",
			 p->access & PATH_READ ? "r" : "", p->access & PATH_WRITE ? "w" : "",
			 p->access & PATH_EXEC ? "x" : "", dirs[p->dir], p->name);
}
