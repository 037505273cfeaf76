/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "auth/client.h"
#include "auth/outside.h"
#include "lib/sys/roles.h"

static struct auth_params params;
static struct auth the_auth;

/* Directories of passwd-files, not the files: an editor replaces them. */
static void allow_files(struct daemon *d)
{
	char dir[4096];

	for (size_t i = 0; i < the_auth.n_files; i++) {
		struct slice path = slice_str(passwd_file_path(the_auth.files[i]));
		ptrdiff_t slash = slice_rchr(path, '/');

		if (slash >= 0 && slice_to_cstr(slice_sub(path, 0, slash > 0 ? (size_t)slash : 1), dir,
						sizeof(dir)))
			daemon_allow_path(d, dir, PATH_READ);
	}
	daemon_allow_path(d, "/etc/passwd", PATH_READ);
	daemon_allow_path(d, "/etc/group", PATH_READ);
}

static void prepare(struct daemon *d, struct faults *faults)
{
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

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "auth",
		.params = auth_params_specs, .n_params = auth_params_count, .params_out = &params,
		.prepare = prepare, .start = start, .on_accept = on_accept,
	};

	return daemon_main(argc, argv, &spec);
}
