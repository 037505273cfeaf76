/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "auth/client.h"
#include "auth/outside.h"
#include "lib/sys/log.h"
#include "lib/sys/roles.h"

enum { DRAIN_LOOK_MS = 20, DRAIN_LOOKS = 500 };	/* ten seconds at most */

static struct auth_params params;
static struct auth the_auth;
static struct {
	struct timer timer;
	struct daemon *daemon;
	unsigned looks;
} drain;

/* Directories of passwd-files, not the files: an editor replaces them. */
static void allow_files(struct daemon *d)
{
	char dir[4096];

	for (size_t i = 0; i < the_auth.n_files; i++) {
		struct slice path = slice_str(passwd_file_path(the_auth.files[i]));
		ptrdiff_t slash = slice_rchr(path, '/');

		path = slice_sub(path, 0, slash > 0 ? (size_t)slash : 1);
		if (slash >= 0 && slice_to_cstr(path, dir, sizeof(dir)))
			daemon_allow_path(d, dir, PATH_READ);
	}
	daemon_allow_path(d, "/etc/passwd", PATH_READ);
	daemon_allow_path(d, "/etc/group", PATH_READ);
}

static void prepare(struct daemon *d, struct faults *faults)
{
	log_as_dovecot("auth");
	auth_setup(&the_auth, &params, daemon_is_rootless(d), daemon_arena(d), faults);
	allow_files(d);
}

static unsigned hash_workers(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t want = n > 0 ? 2 * n : 2;

	return (unsigned)(want < params.auth_worker_max_count ? want : params.auth_worker_max_count);
}

static enum rc start(struct daemon *d, struct err *err)
{
	(void)err;
	auth_start(&the_auth, daemon_loop(d),
		   workers_new(d, daemon_loop(d), hash_workers(),
			       (unsigned)params.auth_worker_max_count, peer_start));
	return RC_OK;
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct slice name = slice_str(l->name);

	(void)d;
	if (!l->is_seqpacket)
		outside_new(&the_auth, fd);
	else if (slice_ends(name, SLICE_LIT("auth-master")))
		client_new(&the_auth, fd, CLIENT_USERS);
	else
		client_new(&the_auth, fd, CLIENT_SASL);
}

/* Logins that are under way come to their end here: their tokens are known to this process only. */
static void on_drain_look(struct timer *t)
{
	if (auth_is_busy(&the_auth) && ++drain.looks < DRAIN_LOOKS)
		timer_start(t, DRAIN_LOOK_MS);
	else
		daemon_session_end(drain.daemon);
}

static void on_drain(struct daemon *d)
{
	drain.daemon = d;
	auth_drain(&the_auth);
	daemon_session_begin(d);
	timer_init(&drain.timer, daemon_loop(d), on_drain_look);
	timer_start(&drain.timer, 0);
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "auth",
		.params = auth_params_specs, .n_params = auth_params_count, .params_out = &params,
		.prepare = prepare, .start = start, .on_accept = on_accept, .on_drain = on_drain,
	};

	return daemon_main(argc, argv, &spec);
}
