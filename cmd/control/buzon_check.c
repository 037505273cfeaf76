/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/control/buzon.h"
#include "lib/base/num.h"
#include "lib/conf/check.h"
#include "lib/table/table.h"

enum { OUTPUT_MAX = 1 << 20 };

static const char create_user[] = "create it: \"systemd-sysusers\", or \"useradd --system\"";

/* Users */

static void check_user(struct suite *s, const char *param, const char *name)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		faults_add(&s->faults, true, s->main_cf, 0, create_user,
			   "%s: there is no user \"%s\"", param, name);
	else if (pw->pw_uid == 0)
		faults_add(&s->faults, true, s->main_cf, 0, "name an account without rights",
			   "%s: \"%s\" is root", param, name);
}

static void check_users(struct suite *s)
{
	if (s->is_rootless)
		return;
	check_user(s, "mail_owner", s->mail_owner);
	check_user(s, "auth_owner", s->auth_owner);
	check_user(s, "net_owner", s->net_owner);
	if (getgrnam(s->setgid_group) == NULL)
		faults_add(&s->faults, true, s->main_cf, 0,
			   "create it: \"systemd-sysusers\", or \"groupadd --system\"",
			   "setgid_group: there is no group \"%s\"", s->setgid_group);
	if (strcmp(s->mail_owner, s->net_owner) == 0 || strcmp(s->mail_owner, s->auth_owner) == 0)
		faults_add(&s->faults, false, s->main_cf, 0, "give each its own account",
			   "mail_owner \"%s\" is net_owner or auth_owner too: who breaks into "
			   "one has the other's rights", s->mail_owner);
}

/* Who may write there decides what runs as root. */
static void check_trust(struct suite *s, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return;		/* that is a fault already */
	if (st.st_uid != 0 && st.st_uid != geteuid())
		faults_add(&s->faults, false, NULL, 0, "chown it to root",
			   "not owned by root: %s", path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		faults_add(&s->faults, false, NULL, 0, "chmod go-w",
			   "group or other writable: %s", path);
}

static void check_trusted(struct suite *s)
{
	check_trust(s, s->config_dir);
	check_trust(s, s->main_cf);
	check_trust(s, s->master_cf);
	check_trust(s, s->daemon_directory);
}

/* Values that name something of this machine or build */

static const char *value_of(struct suite *s, const char *name)
{
	struct err err = { 0 };
	const char *text;
	struct buf b;

	buf_init(&b, OUTPUT_MAX);
	(void)!conf_expand_name(s->conf, slice_str(name), &b, &err);	/* reported already */
	text = arena_str(&s->arena, buf_slice(&b));
	buf_done(&b);
	return text != NULL ? text : "";
}

static void check_values(struct suite *s)
{
	const char *type = value_of(s, "default_database_type"), *known;
	size_t i = 0;

	while ((known = table_type_name(i)) != NULL && strcmp(known, type) != 0)
		i++;
	if (known == NULL)
		faults_add(&s->faults, true, s->main_cf, 0, "\"postconf -m\" lists those there are",
			   "default_database_type: there is no type of tables \"%s\"", type);
	if (!s->is_rootless)
		check_user(s, "default_privs", value_of(s, "default_privs"));
}

/* Sockets: only while nothing runs, for then they must be free. */

static void check_port(struct suite *s, const struct plan_unit *u, const struct plan_socket *p)
{
	int fd = socket(p->family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	const char *remedy = NULL;

	if (fd < 0)
		return;		/* no such address family here: master leaves it out */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (p->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&p->addr, p->addr_len) != 0 || listen(fd, 1) != 0) {
		if (errno == EADDRINUSE)
			remedy = "another program listens there: find it with \"ss -ltnp\"";
		else if (errno == EACCES)
			remedy = "ports below 1024 need root";
		else if (errno == EADDRNOTAVAIL)
			remedy = "no interface of this host has the address";
		if (errno != EADDRNOTAVAIL || p->family != AF_INET6)
			faults_add(&s->faults, true, s->master_cf, u->service->line, remedy,
				   "service %s: cannot listen on %s: %s", u->service->name,
				   p->name, strerror(errno));
	}
	close(fd);
}

static void check_ports(struct suite *s)
{
	if (suite_running(s) != 0)
		return;
	for (const struct plan_unit *u = s->plan.units; u != NULL; u = u->next)
		for (const struct plan_socket *p = u->sockets; p != NULL; p = p->next)
			if (p->family != AF_UNIX)
				check_port(s, u, p);
}

/* Programs check their own parameters, tables, keys and certificates. */

/* "main.cf" is ours. */
static const char *file_of(struct suite *s, struct slice name)
{
	if (name.n == 0)
		return NULL;
	return slice_is(name, "main.cf") ? s->main_cf : arena_str(&s->arena, name);
}

/* TEXT begins with the name of a parameter that V sets. */
static bool is_about_option(const struct service *v, struct slice text)
{
	ptrdiff_t colon = slice_chr(text, ':');

	for (const struct service_option *o = v->options; o != NULL && colon > 0; o = o->next)
		if (slice_is(slice_sub(text, 0, (size_t)colon), o->name))
			return true;
	return false;
}

/* As lib/daemon prints them: F or N, line, file, remedy, text. */
static void take_line(struct suite *s, const struct service *v, struct slice line)
{
	struct slice field[4] = { 0 };
	uint32_t number = 0;
	const char *file;

	for (size_t i = 0; i < 4; i++)
		if (!slice_split(&line, '\t', &field[i]))
			return;
	if (num_u32(field[1], UINT32_MAX, &number) != RC_OK)
		return;
	file = file_of(s, field[2]);
	if (is_about_option(v, line)) {
		file = s->master_cf;
		number = v->line;
	}
	faults_add(&s->faults, slice_is(field[0], "F"), file, number,
		   field[3].n > 0 ? arena_str(&s->arena, field[3]) : NULL, "%.*s",
		   SLICE_ARG(line));
}

static _Noreturn void exec_check(const char *path, char **argv, int out)
{
	dup2(out, STDOUT_FILENO);
	setenv("BUZON_CHECK", "1", 1);
	unsetenv("BUZON_LISTEN");
	execv(path, argv);
	_exit(127);
}

static void read_lines(struct suite *s, const struct service *v, int fd)
{
	struct buf b;
	struct slice rest, line;

	buf_init(&b, OUTPUT_MAX);
	for (;;) {
		size_t room;
		char *p = buf_reserve(&b, 65536, &room);
		ssize_t n = room > 0 ? read(fd, p, room) : 0;

		if (n <= 0)
			break;
		buf_commit(&b, (size_t)n);
	}
	rest = buf_slice(&b);
	while (slice_line(&rest, &line))
		take_line(s, v, line);
	buf_done(&b);
}

static void run_check(struct suite *s, const struct plan_unit *u, const char *path)
{
	char **argv = plan_argv(u, s->config_dir, &s->arena);
	int fds[2], status = 0;
	pid_t pid;

	if (argv == NULL || pipe(fds) != 0)
		return;
	fflush(stderr);
	pid = fork();
	if (pid == 0)
		exec_check(path, argv, fds[1]);
	close(fds[1]);
	if (pid > 0) {
		read_lines(s, u->service, fds[0]);
		waitpid(pid, &status, 0);
	}
	close(fds[0]);
	if (pid < 0 || status != 0)
		faults_add(&s->faults, true, NULL, 0, "reinstall the suite",
			   "program %s fails when it is asked to check itself", path);
}

static bool is_listed_before(const struct suite *s, const struct plan_unit *unit)
{
	for (const struct plan_unit *u = s->plan.units; u != unit; u = u->next)
		if (u->program == unit->program && u->service->options == NULL &&
		    unit->service->options == NULL && u->service->args[0] == NULL &&
		    unit->service->args[0] == NULL)
			return true;
	return false;
}

static void check_programs(struct suite *s)
{
	char path[PATH_MAX];

	for (const struct plan_unit *u = s->plan.units; u != NULL; u = u->next) {
		snprintf(path, sizeof(path), "%s/%s", s->daemon_directory, u->program->binary);
		if (access(path, X_OK) != 0)
			faults_add(&s->faults, true, u->is_builtin ? NULL : s->master_cf,
				   u->service->line, "reinstall the suite, or correct "
				   "daemon_directory", "service %s: %s: %s", u->service->name,
				   path, strerror(errno));
		else if (!is_listed_before(s, u))
			run_check(s, u, path);
	}
}

/* As "postfix check" does; the programs look into these directories when they check. */
static void make_spool(struct suite *s)
{
	struct err err = { 0 };

	if (spool_create(s, &err) != RC_OK)
		faults_add(&s->faults, true, s->main_cf, 0, "name a place where it can be made", "%s",
			   err.text);
}

void suite_check(struct suite *s)
{
	unsigned before;

	conf_check(s->conf, s->services, &s->faults);
	before = s->faults.fatal_count;
	check_users(s);
	check_trusted(s);
	check_values(s);
	spool_check(s);
	if (s->faults.fatal_count == before)
		make_spool(s);
	check_ports(s);
	check_programs(s);
}

int command_check(struct suite *s)
{
	if (suite_read(s))
		suite_check(s);
	return suite_print_faults(s, true) > 0 ? 1 : 0;
}
