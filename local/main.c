/* local and virtual: the front. See README.md. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/daemon/tables.h"
#include "local/broker.h"
#include "local/front.h"

static struct front front;	/* the one of this process; daemon_spec needs its address */

static void prepare(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };

	front.daemon = d;
	daemon_set_user(d, &front.config);
	daemon_use_tables(d);
	config_load(&front.config, d, faults);
	if (faults->fatal_count > 0)
		return;
	if (daemon_fork_helper(d, "local-broker", broker_start, &front.broker_fd, &err) != RC_OK)
		faults_add(faults, true, NULL, 0, NULL, "%s", err.text);
}

static enum rc start(struct daemon *d, struct err *err)
{
	struct front *f = &front;

	(void)err;
	front_init(f);
	user_cache_init(&f->users, daemon_loop(d));
	virtual_cache_init(&f->mailboxes, daemon_loop(d));
	f->workers = workers_new(d, &f->config, f->broker_fd);
	f->forwarder = forwarder_new(f);
	return RC_OK;
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	(void)d, (void)l;
	front_accept(&front, fd);
}

static void on_drain(struct daemon *d)
{
	(void)d;
	front_drain(&front);
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "local", .params = local_params_specs, .n_params = local_params_count,
		.params_out = &front.config.p, .prepare = prepare, .start = start,
		.on_accept = on_accept, .on_drain = on_drain,
	};

	return daemon_main(argc, argv, &spec);
}
