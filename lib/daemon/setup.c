/* SPDX-License-Identifier: ISC */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/daemon/daemon_impl.h"
#include "lib/sys/log.h"

static const char *expanded(struct daemon *d, const char *name, struct faults *faults)
{
	struct err err = { 0 };
	struct buf b;
	char *s;

	buf_init(&b, 4096);
	if (conf_expand_name(d->conf, slice_str(name), &b, &err) != RC_OK)
		faults_add(faults, true, "main.cf", 0, NULL, "%s: %s", name, err.text);
	s = arena_str(&d->arena, buf_slice(&b));
	buf_done(&b);
	return s != NULL ? s : "";
}

void daemon_load(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	conf_override(d->conf, SLICE_LIT("process_name"), slice_str(d->program));
	conf_override(d->conf, SLICE_LIT("process_id"), slice_str(pid));
	conf_override(d->conf, SLICE_LIT("service_name"), slice_str(d->service));
	if (conf_read(d->conf, faults, &err) != RC_OK) {
		faults_add(faults, true, NULL, 0, NULL, "%s", err.text);
		return;
	}
	d->env.dirs[ROLE_DIR_QUEUE] = expanded(d, "queue_directory", faults);
	d->env.dirs[ROLE_DIR_DATA] = expanded(d, "data_directory", faults);
	d->env.dirs[ROLE_DIR_CONFIG] = conf_dir(d->conf);
	params_load(d->spec->params, d->spec->n_params, d->conf, &d->arena, d->spec->params_out,
		    faults);
	stress_load(d);
}

/* All of them are looked up: a broker makes no job as one of the others either. */
static const struct {
	enum role_user user;
	const char *param;
} owners[] = {
	{ ROLE_USER_MAIL, "mail_owner" },
	{ ROLE_USER_AUTH, "auth_owner" },
	{ ROLE_USER_NET, "net_owner" },
};

static void find_owner(struct daemon *d, size_t i, struct faults *faults)
{
	const char *user = expanded(d, owners[i].param, faults);
	const struct passwd *pw = getpwnam(user);
	bool is_mine = d->role->user == owners[i].user;

	if (pw == NULL) {
		if (is_mine)
			faults_add(faults, true, "main.cf", 0,
				   "create it: systemd-sysusers, or useradd -r",
				   "%s: there is no user \"%s\"", owners[i].param, user);
		return;
	}
	d->own_uids[d->n_own_uids++] = pw->pw_uid;
	if (is_mine) {
		d->env.uid = pw->pw_uid;
		d->env.gid = pw->pw_gid;
	}
}

void daemon_find_role(struct daemon *d, struct faults *faults)
{
	d->role = role_find(d->spec->name);
	if (d->role == NULL) {
		faults_add(faults, true, NULL, 0, NULL, "program %s has no role", d->spec->name);
		return;
	}
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]) && !d->env.is_rootless; i++)
		find_owner(d, i, faults);
}

/* BUZON_LOG, from master, tells what descriptor 4 is. */
void daemon_open_log(struct daemon *d)
{
	struct faults ignored;
	const char *kind = getenv("BUZON_LOG");
	enum log_sink sink = LOG_SINK_STDERR;
	char tag[64];

	faults_init(&ignored, &d->arena);
	if (kind == NULL || d->is_checking)
		sink = LOG_SINK_STDERR;
	else if (strcmp(kind, "syslog") == 0)
		sink = LOG_SINK_SYSLOG;
	else if (strcmp(kind, "postlog") == 0)
		sink = LOG_SINK_POSTLOG;
	snprintf(tag, sizeof(tag), "%s/%s", expanded(d, "syslog_name", &ignored), d->program);
	log_open(sink, FD_LOG, tag, log_facility(expanded(d, "syslog_facility", &ignored)));
	log_set_verbose(d->verbose);
}
