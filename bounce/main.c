/* SPDX-License-Identifier: ISC */
#include "bounce/bounce.h"
#include "bounce/template.h"
#include "lib/daemon/daemon.h"

#define PARAMS_STRUCT bounce_params
#define PARAMS_FILE "bounce/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT bounce_queue_params
#define PARAMS_FILE "lib/queue/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT bounce_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"

enum { PATIENCE_MS = 10000 };

static struct bounce_params params;

struct program {
	struct bounce bounce;
	struct bounce_policy policy;
	struct report_texts texts;
	struct peer cleanup;
	unsigned n_sessions;
};

static struct bounce *bounce_of(struct ipc_chan *chan)
{
	return ((struct peer *)chan->owner)->owner;
}

static enum rc on_opened(struct ipc_chan *chan, struct ipc_reader *r)
{
	return poster_on_opened(&bounce_of(chan)->poster, r);
}

static enum rc on_done(struct ipc_chan *chan, struct ipc_reader *r)
{
	return poster_on_done(&bounce_of(chan)->poster, r);
}

static const struct ipc_handler cleanup_handlers[] = {
	{ cleanup_opened_type, 0, on_opened }, { cleanup_done_type, 0, on_done },
	{ cleanup_move_type, 0, poster_on_move },
};

static void on_up(struct peer *p)
{
	bounce_cleanup_up(p->owner, &p->chan);
}

static void on_down(struct peer *p, const struct err *why)
{
	(void)why;
	bounce_cleanup_down(p->owner);
}

static bool is_listed(const struct str_list *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (slice_iis(slice_str(list->v[i]), word))
			return true;
	return false;
}

/* The classes that concern other programs are in Postfix's default and mail nothing here. */
static void check_classes(const struct conf *c, struct faults *faults)
{
	static const char *const others[] = { "resource", "software", "policy", "protocol", "data" };
	struct slice raw;
	unsigned line;

	if (!conf_raw(c, SLICE_LIT("notify_classes"), &raw, &line))
		return;
	for (size_t i = 0; i < params.notify_classes.n; i++) {
		const char *word = params.notify_classes.v[i];
		bool is_other = false;

		if (slice_iis(slice_str(word), "bounce") || slice_iis(slice_str(word), "2bounce") ||
		    slice_iis(slice_str(word), "delay"))
			continue;
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			is_other |= slice_iis(slice_str(word), others[k]);
		if (is_other)
			faults_add(faults, false, "main.cf", line, "look into the log for them",
				   "notify_classes: nothing is mailed of class %s", word);
		else
			faults_add(faults, true, "main.cf", line,
				   "it may hold bounce, 2bounce and delay",
				   "notify_classes: unknown class %s", word);
	}
}

static const char *with_domain(struct daemon *d, const char *address, const char *origin)
{
	return slice_chr(slice_str(address), '@') >= 0
		       ? address
		       : arena_printf(daemon_arena(d), "%s@%s", address, origin);
}

static void prepare(struct daemon *d, struct faults *faults)
{
	struct program *pr = arena_alloc(daemon_arena(d), sizeof(*pr));
	struct bounce_queue_params queue;
	struct bounce_base_params base;

	params_load(bounce_queue_params_specs, bounce_queue_params_count, daemon_conf(d),
		    daemon_arena(d), &queue, faults);
	params_load(bounce_base_params_specs, bounce_base_params_count, daemon_conf(d),
		    daemon_arena(d), &base, faults);
	check_classes(daemon_conf(d), faults);
	template_load(daemon_conf(d), params.bounce_template_file, daemon_arena(d), &pr->texts,
		      faults);
	pr->policy = (struct bounce_policy){
		.report = { base.myhostname, base.mail_name,
			    params.bounce_size_limit, queue.maximal_queue_lifetime,
			    &pr->texts },
		.copy_bounces = is_listed(&params.notify_classes, "bounce"),
		.copy_2bounces = is_listed(&params.notify_classes, "2bounce"),
		.copy_delays = is_listed(&params.notify_classes, "delay"),
		.bounce_notice = with_domain(d, params.bounce_notice_recipient, base.myorigin),
		.second_bounce_notice = with_domain(d, params.second_bounce_notice_recipient,
						    base.myorigin),
		.delay_notice = with_domain(d, params.delay_notice_recipient, base.myorigin),
		.double_bounce_sender = with_domain(d, queue.double_bounce_sender, base.myhostname),
		.threaded = params.enable_threaded_bounces,
		.patience_ms = PATIENCE_MS,
	};
	daemon_set_user(d, pr);
}

/* Requests keep a draining process alive. */
static void on_requests(struct bounce *b)
{
	struct daemon *d = b->owner;
	struct program *pr = daemon_user(d);

	for (; pr->n_sessions < b->n_requests; pr->n_sessions++)
		daemon_session_begin(d);
	for (; pr->n_sessions > b->n_requests; pr->n_sessions--)
		daemon_session_end(d);
}

static enum rc start(struct daemon *d, struct err *err)
{
	struct program *pr = daemon_user(d);

	(void)err;
	bounce_init(&pr->bounce, daemon_loop(d), &pr->policy);
	pr->bounce.owner = d;
	pr->bounce.on_requests = on_requests;
	peer_init(&pr->cleanup, d, "cleanup", &(struct peer_ops){
		&cleanup_proto, cleanup_handlers,
		sizeof(cleanup_handlers) / sizeof(cleanup_handlers[0]), on_up, on_down },
		  &pr->bounce);
	peer_start(&pr->cleanup);
	return RC_OK;
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	struct program *pr = daemon_user(d);

	(void)l;
	bounce_accept(&pr->bounce, fd);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "bounce", .params = bounce_params_specs, .n_params = bounce_params_count,
		.params_out = &params, .prepare = prepare, .start = start, .on_accept = on_accept,
	};

	return daemon_main(argc, argv, &spec);
}
