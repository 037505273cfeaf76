/* SPDX-License-Identifier: ISC */

#include "lib/daemon/access.h"
#include "lib/pop3/uidl.h"
#include "lib/sys/log.h"
#include "pop3d/session.h"

#define PARAMS_STRUCT pop3d_params
#define PARAMS_FILE "pop3d/params.def"
#include "lib/conf/param_struct.h"

enum { JOBS_MAX = 100000, WRITE_TIMEOUT_MS = 600000 };

static struct pop3d_params params;
static struct access_spec spec;

/* --- in the job --- */

static int serve(const struct access_client *c, int fd)
{
	struct client_socket sock = { .fd = fd, .stop_fd = c->stop_fd,
				      .write_timeout_ms = WRITE_TIMEOUT_MS,
				      .early = c->input };
	const struct session_conf conf = {
		.store = { .location = c->mail_location, .home = c->home },
		.uidl_format = slice_str(params.pop3_uidl_format),
		.no_flag_updates = params.pop3_no_flag_updates,
		.fast_sizes = params.pop3_fast_size_lookups,
		.lock = params.pop3_lock_session,
		.idle_ms = params.pop3_idle_timeout,
		.log = access_log,
	};

	return session_run(&conf, &client_socket_ops, &sock);
}

/* --- in the broker --- */

static void prepare(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };

	log_as_dovecot("pop3");
	access_check_location(d, faults);
	if (pop3_uidl_check(slice_str(params.pop3_uidl_format), &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "use " POP3_UIDL_DEFAULT,
			   "pop3_uidl_format: %s", err.text);
}

static enum rc start(struct daemon *d, struct err *err)
{
	spec = (struct access_spec){ .service = "pop3", .role = "pop3-job", .serve = serve,
				     .max_jobs = JOBS_MAX,
				     .max_user_ip = (unsigned)params.pop3_max_userip_connections };
	return access_start(d, &spec, err);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec daemon = {
		.name = "pop3d", .params = pop3d_params_specs, .n_params = pop3d_params_count,
		.params_out = &params, .prepare = prepare, .start = start, .on_accept = access_accept,
	};

	return daemon_main(argc, argv, &daemon);
}
