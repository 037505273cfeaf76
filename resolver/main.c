/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/daemon/daemon.h"
#include "lib/ipc/resolver.h"
#include "lib/sys/log.h"
#include "resolver/question.h"

#define PARAMS_STRUCT resolver_params
#define PARAMS_FILE "resolver/params.def"
#include "lib/conf/param_struct.h"

enum { HOSTS_BYTES_MAX = 1 << 20 };

static struct resolver_params params;
static struct asker asker;

struct client {
	struct ipc_chan chan;
	struct daemon *daemon;
	struct list pending;
};

static enum rc take_ask(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *c = chan->owner;
	struct resolver_ask m;

	if (resolver_ask_get(r, &m) != RC_OK || m.kind < ASK_NAME_OF_ADDRESS ||
	    m.kind >= ASK_KINDS)
		return RC_SYNTAX;
	question_ask(&asker, chan, &c->pending, m.id, m.kind, m.name);
	return RC_OK;
}

static const struct ipc_handler handlers[] = { { resolver_ask_type, 0, take_ask } };

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct client *c = chan->owner;

	log_debug(NULL, "%s", why->text);
	question_drop_all(&c->pending);
	daemon_session_end(c->daemon);
	free(c);
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct client *c = mem_new(1, sizeof(*c));

	(void)l;
	c->daemon = d;
	list_init(&c->pending);
	daemon_session_begin(d);
	ipc_chan_init(&c->chan, daemon_loop(d), fd, &resolver_proto, handlers, 1, on_close, c);
}

static void read_hosts(void)
{
	int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
	char *text = mem_new(HOSTS_BYTES_MAX, 1);
	ssize_t n = fd >= 0 ? read(fd, text, HOSTS_BYTES_MAX) : 0;

	arena_init(&asker.hosts_arena, 4 * HOSTS_BYTES_MAX);
	asker.hosts = hosts_parse(slice_make(text, n > 0 ? (size_t)n : 0), &asker.hosts_arena);
	free(text);
	if (fd >= 0)
		close(fd);
}

/* After the role is entered: libunbound opens its files and sockets under it. */
static enum rc start(struct daemon *d, struct err *err)
{
	asker.loop = daemon_loop(d);
	asker.timeout_ms = params.resolver_timeout;
	asker.pending_max = (size_t)params.resolver_question_limit;
	read_hosts();
	asker.unbound = ub_ctx_create_event(loop_base(asker.loop));
	if (asker.unbound == NULL)
		return err_set(err, RC_SYS, "libunbound does not start");
	if (ub_ctx_resolvconf(asker.unbound, "/etc/resolv.conf") != 0)
		log_warn(NULL, "cannot use /etc/resolv.conf; asking the root servers");
	if (access(params.resolver_trust_anchor_file, R_OK) == 0 &&
	    ub_ctx_add_ta_file(asker.unbound, params.resolver_trust_anchor_file) != 0)
		log_warn(NULL, "cannot use %s: answers are not validated",
			 params.resolver_trust_anchor_file);
	return RC_OK;
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "resolver",
		.params = resolver_params_specs, .n_params = resolver_params_count,
		.params_out = &params,
		.start = start, .on_accept = on_accept,
	};

	return daemon_main(argc, argv, &spec);
}
