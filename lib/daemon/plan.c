/* SPDX-License-Identifier: ISC */
#include "lib/daemon/plan.h"

#include <netdb.h>
#include <stdio.h>

#include "lib/daemon/plan_inet.h"

static const struct program programs[] = {
#define PROGRAM(name, binary, socket, model, role) \
	{ name, binary, SOCKET_##socket, MODEL_##model, role },
#define ABSORBED(name, text)
#define LATER(name, text)
#define ABSORBED_SERVICE(service, program, text)
#include "lib/daemon/programs.def"
#undef PROGRAM
#undef ABSORBED
#undef LATER
#undef ABSORBED_SERVICE
};

/* What master.cf may name without a process behind it. */
static const struct {
	const char *service;	/* NULL: any */
	const char *program;
	bool is_later;
	const char *text;
} absent[] = {
#define PROGRAM(name, binary, socket, model, role)
#define ABSORBED(name, text) { NULL, name, false, text },
#define LATER(name, text) { NULL, name, true, text },
#define ABSORBED_SERVICE(service, program, text) { service, program, false, text },
#include "lib/daemon/programs.def"
#undef PROGRAM
#undef ABSORBED
#undef LATER
#undef ABSORBED_SERVICE
};

/* Sockets besides a service's own. */
static const struct {
	const char *name, *service;
} endpoints[] = {
#define ENDPOINT(name, service) { name, service },
#include "lib/sys/endpoints.def"
#undef ENDPOINT
};

/* What runs without a line in master.cf; a line there wins. */
static const char builtin[] =
	"cleanup     unix       n - n - 0 cleanup\n"
	"qmgr        unix       n - n 300 1 qmgr\n"
	"bounce      unix       - - n - 0 bounce\n"
	"proxymap    unix       - - n - - proxymap\n"
	"anvil       unix       - - n - 1 anvil\n"
	"resolver    unix       - - n - 0 resolver\n"
	"auth        unix       - - n - 0 auth\n"
	"auth-worker unix       - n n - 0 auth-worker\n"
	"imapd       unix       - n n - - imapd\n"
	"pop3d       unix       - n n - - pop3d\n"
	"postlog     unix-dgram n - n - 1 postlogd\n";

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

/* One plan being made. */
struct maker {
	const struct conf *conf;
	struct arena *arena;
	struct faults *faults;
	struct plan *plan;
	struct plan_unit **tail;
	const char *file;		/* of the faults */
};

const struct program *program_find(const char *name)
{
	for (size_t i = 0; i < N_OF(programs); i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}

static void no_room(struct maker *m)
{
	faults_add(m->faults, true, m->file, 0, NULL, "too many services");
}

/* True when the entry needs no process; says where its job went. */
static bool note_absent(struct maker *m, const struct service *s)
{
	for (size_t i = 0; i < N_OF(absent); i++) {
		if (strcmp(absent[i].program, s->program) != 0 ||
		    (absent[i].service != NULL && strcmp(absent[i].service, s->name) != 0))
			continue;
		if (absent[i].is_later && s->type == SERVICE_INET)
			faults_add(m->faults, true, m->file, s->line, absent[i].text,
				   "service %s: program %s is not in this version", s->name,
				   s->program);
		else
			faults_add(m->faults, false, m->file, s->line, NULL,
				   "service %s: %s%s%s", s->name,
				   absent[i].is_later ? "program " : "",
				   absent[i].is_later ? s->program : "",
				   absent[i].is_later
				   ? arena_printf(m->arena, " is not in this version: %s",
						  absent[i].text)
				   : absent[i].text);
		return true;
	}
	return false;
}

static struct plan_socket *new_socket(struct maker *m, struct plan_unit *u)
{
	struct plan_socket *s = ARENA_NEW(m->arena, struct plan_socket);
	struct plan_socket **tail = &u->sockets;

	if (s == NULL) {
		no_room(m);
		return NULL;
	}
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = s;
	return s;
}

static void add_unix(struct maker *m, struct plan_unit *u, const char *name, bool is_private,
		     enum program_socket kind)
{
	static const struct {
		const char *word;
		int type;
	} kinds[] = {
		[SOCKET_PACKET] = { "packet", SOCK_SEQPACKET },
		[SOCKET_STREAM] = { "stream", SOCK_STREAM },
		[SOCKET_TRIGGER] = { "trigger", SOCK_STREAM },
		[SOCKET_DGRAM] = { "dgram", SOCK_DGRAM },
	};
	struct plan_socket *s = new_socket(m, u);

	if (s == NULL)
		return;
	s->service = name;
	s->name = arena_printf(m->arena, "%s/%s", is_private ? "private" : "public", name);
	s->family = AF_UNIX;
	s->kind = kinds[kind].word;
	s->type = kinds[kind].type;
	s->is_fifo = u->service->type == SERVICE_FIFO && kind == SOCKET_TRIGGER;
	if (s->is_fifo)
		s->kind = "fifo";
	if (s->name == NULL)
		no_room(m);
}

static bool add_inet(void *ctx, const struct inet_address *a)
{
	struct {
		struct maker *m;
		struct plan_unit *u;
	} *both = ctx;
	struct plan_socket *s = new_socket(both->m, both->u);

	if (s == NULL)
		return false;
	s->kind = "inet";
	s->name = arena_str(both->m->arena, slice_str(a->text));
	s->family = a->addr.ss_family;
	s->type = SOCK_STREAM;
	s->addr = a->addr;
	s->addr_len = a->addr_len;
	return s->name != NULL;
}

static void add_sockets(struct maker *m, struct plan_unit *u)
{
	struct {
		struct maker *m;
		struct plan_unit *u;
	} both = { m, u };
	struct err err = { 0 };
	const struct service *s = u->service;

	if (s->type == SERVICE_INET) {
		if (plan_inet_addresses(m->conf, s->name, add_inet, &both, &err) != RC_OK)
			faults_add(m->faults, true, m->file, s->line, NULL, "service %s: %s",
				   s->name, err.text);
		return;
	}
	add_unix(m, u, s->name, s->is_private,
		 s->type == SERVICE_UNIX_DGRAM ? SOCKET_DGRAM : u->program->socket);
	for (size_t i = 0; i < N_OF(endpoints); i++)
		if (strcmp(endpoints[i].service, s->name) == 0)
			add_unix(m, u, endpoints[i].name, true, SOCKET_PACKET);
}

static bool check_type(struct maker *m, const struct service *s, const struct program *p)
{
	const char *want = NULL;

	if (s->type == SERVICE_PASS)
		want = "inet or unix: nothing passes sockets to it in this version";
	else if (s->type == SERVICE_INET && p->socket != SOCKET_STREAM)
		want = "unix";
	else if ((s->type == SERVICE_UNIX_DGRAM) != (p->socket == SOCKET_DGRAM))
		want = p->socket == SOCKET_DGRAM ? "unix-dgram" : "unix";
	if (want == NULL)
		return true;
	faults_add(m->faults, true, m->file, s->line,
		   arena_printf(m->arena, "write %s", want), "service %s: program %s cannot be of "
		   "type %s", s->name, s->program, service_type_name(s->type));
	return false;
}

static void add_unit(struct maker *m, const struct service *s, bool is_builtin)
{
	const struct program *p = program_find(s->program);
	struct plan_unit *u;

	if (note_absent(m, s))
		return;
	if (p == NULL) {
		faults_add(m->faults, true, m->file, s->line,
			   "correct the name or remove the entry",
			   "service %s: there is no program %s", s->name, s->program);
		return;
	}
	if (!check_type(m, s, p))
		return;
	u = ARENA_NEW(m->arena, struct plan_unit);
	if (u == NULL) {
		no_room(m);
		return;
	}
	*u = (struct plan_unit){ .service = s, .program = p, .is_builtin = is_builtin };
	*m->tail = u;
	m->tail = &u->next;
	m->plan->n_units++;
	add_sockets(m, u);
}

static bool has_unit(const struct plan *plan, const struct service *s)
{
	for (const struct plan_unit *u = plan->units; u != NULL; u = u->next)
		if (u->service->type != SERVICE_INET && strcmp(u->service->name, s->name) == 0)
			return true;
	return false;
}

static void add_builtin(struct maker *m)
{
	struct service *list = NULL;

	mastercf_parse("built-in services", slice_str(builtin), m->arena, &list, m->faults);
	for (const struct service *s = list; s != NULL; s = s->next)
		if (!has_unit(m->plan, s))
			add_unit(m, s, true);
}

static void make(const struct conf *c, const struct service *list, struct arena *arena,
		 struct plan *out, struct faults *faults)
{
	struct maker m = { c, arena, faults, out, &out->units, NULL };

	m.file = arena_printf(arena, "%s/master.cf", conf_dir(c));
	*out = (struct plan){ 0 };
	for (const struct service *s = list; s != NULL; s = s->next)
		add_unit(&m, s, false);
	add_builtin(&m);
}

enum rc plan_read(const struct conf *c, struct arena *arena, struct plan *out,
		  struct faults *faults, struct err *err)
{
	struct service *list = NULL;
	enum rc rc = mastercf_read(conf_dir(c), arena, &list, faults, err);

	if (rc != RC_OK)
		return rc;
	make(c, list, arena, out, faults);
	return RC_OK;
}

void plan_parse(const struct conf *c, struct slice master_cf, struct arena *arena,
		struct plan *out, struct faults *faults)
{
	struct service *list = NULL;

	mastercf_parse("master.cf", master_cf, arena, &list, faults);
	make(c, list, arena, out, faults);
}

bool plan_unit_is_same(const struct plan_unit *a, const struct plan_unit *b)
{
	return a->service->type == b->service->type &&
	       strcmp(a->service->name, b->service->name) == 0;
}

static size_t count_words(const struct service *s)
{
	size_t n = 8 + (size_t)s->verbose;

	for (const struct service_option *o = s->options; o != NULL; o = o->next)
		n += 2;
	for (char **a = s->args; a != NULL && *a != NULL; a++)
		n++;
	return n;
}

char **plan_argv(const struct plan_unit *unit, const char *config_dir, struct arena *arena)
{
	const struct service *s = unit->service;
	char **argv = arena_alloc(arena, (count_words(s) + 1) * sizeof(*argv));
	size_t n = 0;

	if (argv == NULL)
		return NULL;
	argv[n++] = s->program;
	argv[n++] = (char *)"-c";
	argv[n++] = (char *)config_dir;
	argv[n++] = (char *)"-n";
	argv[n++] = s->name;
	argv[n++] = (char *)"-t";
	argv[n++] = (char *)service_type_name(s->type);
	for (int i = 0; i < s->verbose; i++)
		argv[n++] = (char *)"-v";
	for (const struct service_option *o = s->options; o != NULL; o = o->next) {
		argv[n++] = (char *)"-o";
		argv[n] = arena_printf(arena, "%s=%s", o->name, o->value);
		if (argv[n++] == NULL)
			return NULL;
	}
	for (char **a = s->args; a != NULL && *a != NULL; a++)
		argv[n++] = *a;
	return argv;
}
