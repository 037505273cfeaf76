/* SPDX-License-Identifier: ISC */
#include "lib/ipc/control.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/daemon/broker.h"
#include "lib/daemon/daemon_impl.h"
#include "lib/sys/log.h"

enum { REPORT_EVERY_MS = 1000, NEW_LOG_MS = 5000, LOG_AGAIN_MS = 100 };

/* log_on_lost() and the end of a round take no argument; one process has one daemon. */
static struct daemon *log_owner;

static struct daemon *owner_of(struct ipc_chan *c)
{
	return c->owner;
}

static enum rc on_connected(struct ipc_chan *c, struct ipc_reader *r)
{
	struct control_connected m;

	if (control_connected_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	peer_connected(owner_of(c), m.id, m.fd);
	return RC_OK;
}

static enum rc on_refused(struct ipc_chan *c, struct ipc_reader *r)
{
	struct control_refused m;

	if (control_refused_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	peer_refused(owner_of(c), m.id, m.reason);
	return RC_OK;
}

static enum rc on_log_fd(struct ipc_chan *c, struct ipc_reader *r)
{
	struct control_log_fd m;

	struct daemon *d = owner_of(c);

	if (control_log_fd_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	log_set_fd(m.fd);
	if (timer_is_running(&d->last_words))
		loop_stop(d->loop);
	return RC_OK;
}

static void on_drain_timeout(struct timer *t)
{
	struct daemon *d = LIST_ENTRY(t, struct daemon, drain_timer);

	log_warn(NULL, "drained for too long, %u sessions are cut off", d->sessions);
	daemon_exit(d, 0);
}

static int64_t drain_limit_ms(struct daemon *d)
{
	static const struct param_spec spec = { .type = PARAM_TIME, .name = "daemon_timeout",
						.def = "18000s" };
	struct faults ignored;
	int64_t ms = 0;

	faults_init(&ignored, &d->arena);
	params_load(&spec, 1, d->conf, &d->arena, &ms, &ignored);
	return ms;
}

static void drain(struct daemon *d)
{
	if (d->draining)
		return;
	d->draining = true;
	daemon_close_inlets(d);
	timer_start(&d->drain_timer, drain_limit_ms(d));
	if (d->spec->on_drain != NULL)
		d->spec->on_drain(d);
	daemon_check_drained(d);
}

static enum rc on_drain(struct ipc_chan *c, struct ipc_reader *r)
{
	struct control_drain m;

	if (control_drain_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	drain(owner_of(c));
	return RC_OK;
}

static enum rc on_wakeup(struct ipc_chan *c, struct ipc_reader *r)
{
	struct control_wakeup m;
	struct daemon *d = owner_of(c);

	if (control_wakeup_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (d->spec->on_wakeup != NULL && !d->draining)
		d->spec->on_wakeup(d);
	return RC_OK;
}

static enum rc on_ticket_keys(struct ipc_chan *c, struct ipc_reader *r)
{
	struct control_ticket_keys m;
	struct daemon *d = owner_of(c);
	struct stat st;
	void *keys;

	if (control_ticket_keys_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (d->spec->on_ticket_keys != NULL && fstat(m.fd, &st) == 0 && st.st_size > 0) {
		keys = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, m.fd, 0);
		if (keys != MAP_FAILED) {
			d->spec->on_ticket_keys(d, keys, (size_t)st.st_size);
			munmap(keys, (size_t)st.st_size);
		}
	}
	close(m.fd);
	return RC_OK;
}

static enum rc on_stress(struct ipc_chan *c, struct ipc_reader *r)
{
	struct control_stress m;

	if (control_stress_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	stress_set(owner_of(c), m.on);
	return RC_OK;
}

static const struct ipc_handler handlers[] = {
	{ control_connected_type, 0, on_connected },
	{ control_refused_type, 0, on_refused },
	{ control_log_fd_type, 0, on_log_fd },
	{ control_drain_type, 0, on_drain },
	{ control_wakeup_type, 0, on_wakeup },
	{ control_ticket_keys_type, 0, on_ticket_keys },
	{ control_stress_type, 0, on_stress },
};

/* Without master there is nobody to restart what this process needs, and a new master must find
 * the spool unused: end now. A queue file that was not answered for is nobody's promise. */
static void on_master_gone(struct ipc_chan *c, const struct err *why)
{
	log_debug(NULL, "%s", why->text);
	daemon_exit(owner_of(c), 0);
}

static void on_log_lost(void)
{
	control_log_lost_send(&log_owner->control, &(struct control_log_lost){});
}

/* The round this makes ends with the next try. */
static void on_log_timer(struct timer *t)
{
	(void)t;
}

void daemon_end_round(struct loop *loop)
{
	struct daemon *d = log_owner;

	(void)loop;
	log_flush();
	if (d != NULL && log_is_pending() && !timer_is_running(&d->log_timer))
		timer_start(&d->log_timer, LOG_AGAIN_MS);
}

static void send_report(struct daemon *d)
{
	if (d->sessions == d->reported_sessions)
		return;
	d->reported_sessions = d->sessions;
	d->reported_ms = loop_now_ms(d->loop);
	control_load_send(&d->control, &(struct control_load){ .sessions = d->sessions });
}

static void on_report_task(struct task *t)
{
	send_report(LIST_ENTRY(t, struct daemon, report_task));
}

static void on_report_timer(struct timer *t)
{
	send_report(LIST_ENTRY(t, struct daemon, report_timer));
}

/* Master hears of a limit that is reached or left at once, else once a second: short sessions
 * must not cost a message each. */
void daemon_report_load(struct daemon *d)
{
	bool at_limit = d->session_limit > 0 && d->sessions >= d->session_limit;
	bool was_at_limit = d->session_limit > 0 && d->reported_sessions >= d->session_limit;

	if (d->is_helper)
		return;
	if (at_limit != was_at_limit)
		loop_defer(d->loop, &d->report_task, on_report_task);
	else if (!timer_is_running(&d->report_timer))
		timer_start(&d->report_timer, d->reported_ms + REPORT_EVERY_MS -
			    loop_now_ms(d->loop));
}

static void on_last_words(struct timer *t)
{
	loop_stop(LIST_ENTRY(t, struct daemon, last_words)->loop);
}

/* The reload that drained this process has replaced the log, too: what became of the last session is
 * not kept from it. */
static void finish(struct task *t)
{
	struct daemon *d = LIST_ENTRY(t, struct daemon, exit_task);

	log_flush();
	if (d->draining && log_is_waiting())
		timer_start(&d->last_words, NEW_LOG_MS);
	else
		loop_stop(d->loop);
}

void daemon_finish(struct daemon *d)
{
	loop_defer(d->loop, &d->exit_task, finish);
}

void daemon_exit(struct daemon *d, int status)
{
	d->exit_status = status;
	if (!broker_stop_jobs(d))
		daemon_finish(d);
}

void daemon_check_drained(struct daemon *d)
{
	if (d->draining && d->sessions == 0)
		daemon_exit(d, 0);
}

static void on_sigterm(struct sig *s)
{
	daemon_exit(LIST_ENTRY(s, struct daemon, sigterm), 0);
}

void daemon_open_control(struct daemon *d)
{
	log_owner = d;
	timer_init(&d->log_timer, d->loop, on_log_timer);
	timer_init(&d->report_timer, d->loop, on_report_timer);
	timer_init(&d->drain_timer, d->loop, on_drain_timeout);
	timer_init(&d->last_words, d->loop, on_last_words);
	task_init(&d->report_task);
	task_init(&d->exit_task);
	sig_start(&d->sigterm, d->loop, SIGTERM, on_sigterm);
	if (d->is_helper)
		return;
	ipc_chan_init(&d->control, d->loop, FD_CONTROL, &control_proto, handlers,
		      sizeof(handlers) / sizeof(handlers[0]), on_master_gone, d);
	log_on_lost(on_log_lost);
}

void daemon_poke(struct daemon *d, const char *service)
{
	control_poke_send(&d->control, &(struct control_poke){ .service = slice_str(service) });
}

void daemon_replace(struct daemon *d, const char *reason)
{
	control_replace_me_send(&d->control,
				&(struct control_replace_me){ .reason = slice_str(reason) });
}
