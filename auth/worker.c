/* SPDX-License-Identifier: ISC */
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "auth/worker_job.h"
#include "lib/daemon/broker.h"
#include "lib/sys/log.h"

/* The broker of auth's workers: a process for each connection, of the kind that the socket it came by
 * stands for. Parses nothing. */
static struct auth_params params;
static struct {
	uid_t uid;
	gid_t gid;
} hash_user;

static void prepare(struct daemon *d, struct faults *faults)
{
	const struct passwd *pw;
	struct buf name;
	struct err err = { 0 };

	log_as_dovecot("auth-worker");
	if (daemon_is_rootless(d)) {
		hash_user.uid = getuid();
		hash_user.gid = getgid();
		return;
	}
	buf_init(&name, 64);
	if (conf_expand_name(daemon_conf(d), SLICE_LIT("auth_owner"), &name, &err) != RC_OK ||
	    (pw = getpwnam(buf_cstr(&name))) == NULL) {
		faults_add(faults, true, NULL, 0, "create the user or set auth_owner",
			   "auth_owner: no such user: %s", buf_cstr(&name));
	} else {
		hash_user.uid = pw->pw_uid;
		hash_user.gid = pw->pw_gid;
	}
	buf_done(&name);
}

static void on_exit_of_job(void *arg, pid_t pid, int wait_status)
{
	(void)arg;
	if (wait_status != 0)
		log_warn(NULL, "worker process %d ended with status %d", (int)pid, wait_status);
}

static bool ends_with(const char *name, const char *end)
{
	return slice_ends(slice_str(name), slice_str(end));
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	bool is_hash = ends_with(l->name, "auth-hash");
	const struct job_spec spec = {
		.uid = is_hash ? hash_user.uid : getuid(),
		.gid = is_hash ? hash_user.gid : getgid(),
		.role = is_hash ? "auth-hash" : "auth-system",
		.fds = &fd, .n_fds = 1,
		.run = is_hash ? worker_hash_run : worker_system_run,
		.on_exit = on_exit_of_job,
	};
	struct err err = { 0 };
	pid_t pid;

	if (broker_run(d, &spec, &pid, &err) != RC_OK)
		log_err(NULL, &err, "cannot make a worker process");
	close(fd);
}

static enum rc start(struct daemon *d, struct err *err)
{
	static const char *const roles[] = { "auth-hash", "auth-system", NULL };

	return broker_init(d, 2 * (unsigned)params.auth_worker_max_count, roles, err);
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "auth-worker",
		.params = auth_params_specs, .n_params = auth_params_count, .params_out = &params,
		.prepare = prepare, .start = start, .on_accept = on_accept,
	};

	return daemon_main(argc, argv, &spec);
}
