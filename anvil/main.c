/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "anvil/counters.h"
#include "lib/base/mem.h"
#include "lib/daemon/daemon.h"
#include "lib/ipc/anvil.h"
#include "lib/sys/log.h"

#define PARAMS_STRUCT anvil_params
#define PARAMS_FILE "anvil/params.def"
#include "lib/conf/param_struct.h"

static struct anvil_params params;

struct anvil {
	struct daemon *daemon;
	struct counters counters;
	struct timer report;
};

/* One asking process, and the connections it has announced, so that they end with it. */
struct client {
	struct ipc_chan chan;
	struct anvil *anvil;
	struct hash connections;	/* key -> count, as a number in the pointer */
};

static const char *const rate_names[COUNT_KINDS] = {
	[COUNT_CONNECTION] = "connection", [COUNT_MESSAGE] = "message",
	[COUNT_RECIPIENT] = "recipient", [COUNT_TLS] = "newtls", [COUNT_AUTH] = "auth",
	[COUNT_AUTH_FAILED] = "failed auth",
};

static struct counter_now add(struct client *c, struct slice key, enum counter_kind kind)
{
	struct loop *loop = daemon_loop(c->anvil->daemon);

	return counters_add(&c->anvil->counters, key, kind, loop_now_ms(loop),
			    loop_unix_us(loop) / 1000000);
}

static void answer(struct client *c, uint32_t id, struct counter_now now)
{
	anvil_counts_send(&c->chan, &(struct anvil_counts){
		.id = id, .connections = now.connections, .rate = now.rate });
}

static enum rc take_connect(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *c = chan->owner;
	struct anvil_connect m;
	uintptr_t n;

	if (anvil_connect_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	n = (uintptr_t)hash_get(&c->connections, m.key) + 1;
	if (hash_put(&c->connections, m.key, (void *)n, NULL) != RC_OK)
		answer(c, m.id, (struct counter_now){ 0, 0 });
	else
		answer(c, m.id, add(c, m.key, COUNT_CONNECTION));
	return RC_OK;
}

static enum rc take_disconnect(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *c = chan->owner;
	struct anvil_disconnect m;
	uintptr_t n;

	if (anvil_disconnect_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	n = (uintptr_t)hash_get(&c->connections, m.key);
	if (n == 0)
		return RC_OK;
	counters_drop(&c->anvil->counters, m.key);
	if (n == 1)
		hash_remove(&c->connections, m.key);
	else if (hash_put(&c->connections, m.key, (void *)(n - 1), NULL) != RC_OK)
		return RC_SYNTAX;
	return RC_OK;
}

static enum rc take_event(struct ipc_chan *chan, struct ipc_reader *r)
{
	struct client *c = chan->owner;
	struct anvil_event m;

	if (anvil_event_get(r, &m) != RC_OK || m.kind < COUNT_MESSAGE || m.kind >= COUNT_KINDS)
		return RC_SYNTAX;
	answer(c, m.id, add(c, m.key, m.kind));
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ anvil_connect_type, 0, take_connect },
	{ anvil_disconnect_type, 0, take_disconnect },
	{ anvil_event_type, 0, take_event },
};

static void on_close(struct ipc_chan *chan, const struct err *why)
{
	struct client *c = chan->owner;
	struct slice key;
	size_t pos = 0;
	void *n;

	log_debug(NULL, "%s", why->text);
	while (hash_next(&c->connections, &pos, &key, &n))
		for (uintptr_t i = 0; i < (uintptr_t)n; i++)
			counters_drop(&c->anvil->counters, key);
	hash_done(&c->connections);
	daemon_session_end(c->anvil->daemon);
	free(c);
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct client *c = mem_new(1, sizeof(*c));

	(void)l;
	c->anvil = daemon_user(d);
	hash_init(&c->connections, COUNTERS_KEYS_MAX, false);
	daemon_session_begin(d);
	ipc_chan_init(&c->chan, daemon_loop(d), fd, &anvil_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_close, c);
}

static void log_peak(const char *what, const char *unit, const struct counter_peak *p)
{
	time_t at = (time_t)p->at_unix_s;
	char when[32];
	struct tm tm;

	if (p->value == 0)
		return;
	strftime(when, sizeof(when), "%b %e %H:%M:%S", localtime_r(&at, &tm));
	log_info(NULL, "statistics: max %s %u%s for (%s) at %s", what, p->value, unit, p->key,
		 when);
}

static void log_report(struct anvil *a)
{
	char what[32], unit[32], when[32];
	time_t at = (time_t)a->counters.peak_size_at_unix_s;
	struct tm tm;

	snprintf(unit, sizeof(unit), "/%llds", (long long)(params.anvil_rate_time_unit / 1000));
	for (int k = 0; k < COUNT_KINDS; k++) {
		snprintf(what, sizeof(what), "%s rate", rate_names[k]);
		log_peak(what, unit, &a->counters.peak_rate[k]);
		if (k == COUNT_CONNECTION)
			log_peak("connection count", "", &a->counters.peak_connections);
	}
	if (a->counters.peak_size > 0) {
		strftime(when, sizeof(when), "%b %e %H:%M:%S", localtime_r(&at, &tm));
		log_info(NULL, "statistics: max cache size %zu at %s", a->counters.peak_size, when);
	}
	counters_reset_peaks(&a->counters);
}

static void on_report(struct timer *t)
{
	log_report(LIST_ENTRY(t, struct anvil, report));
	timer_start(t, params.anvil_status_update_time);
}

static enum rc start(struct daemon *d, struct err *err)
{
	static struct anvil the_anvil;

	(void)err;
	the_anvil.daemon = d;
	counters_init(&the_anvil.counters, params.anvil_rate_time_unit, COUNTERS_KEYS_MAX);
	timer_init(&the_anvil.report, daemon_loop(d), on_report);
	timer_start(&the_anvil.report, params.anvil_status_update_time);
	daemon_set_user(d, &the_anvil);
	return RC_OK;
}

/* Its successor counts from zero; the askers connect to it and announce what they have. */
static void on_drain(struct daemon *d)
{
	log_report(daemon_user(d));
	daemon_exit(d, 0);
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "anvil",
		.params = anvil_params_specs, .n_params = anvil_params_count,
		.params_out = &params,
		.start = start, .on_accept = on_accept, .on_drain = on_drain,
	};

	tzset();
	return daemon_main(argc, argv, &spec);
}
