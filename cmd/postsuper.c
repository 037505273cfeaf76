/* cmd/postsuper.c - delete, hold, release, requeue messages; put directories in order. */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/queuetool.h"
#include "cmd/tool.h"
#include "lib/sys/log.h"

enum { ACTIONS_MAX = 64, STALE_S = 86400, LINE_SIZE = 256 };

static const struct verb {
	char option;
	const char *name;		/* of lib/ipc/qmgr.def */
	const char *one, *all;		/* "removed", "Deleted" */
	unsigned queues;		/* where it works when none is named */
} verbs[] = {	/* in the order of the summary */
	{ 'r', "requeue", "requeued", "Requeued",
	  1 << QUEUE_INCOMING | 1 << QUEUE_ACTIVE | 1 << QUEUE_DEFERRED | 1 << QUEUE_HOLD },
	{ 'd', "delete", "removed", "Deleted",
	  1 << QUEUE_INCOMING | 1 << QUEUE_ACTIVE | 1 << QUEUE_DEFERRED | 1 << QUEUE_HOLD },
	{ 'h', "hold", "placed on hold", "Placed on hold",
	  1 << QUEUE_INCOMING | 1 << QUEUE_ACTIVE | 1 << QUEUE_DEFERRED },
	{ 'H', "release", "released from hold", "Released from hold", 1 << QUEUE_HOLD },
};
enum { N_VERBS = sizeof(verbs) / sizeof(verbs[0]) };

struct action {
	const struct verb *verb;
	const char *target;
};

struct super {
	struct queuetool tool;
	struct action actions[ACTIONS_MAX];
	size_t n_actions;
	unsigned queues;		/* named on the command line; 0: none */
	bool purge, repair;
	uint32_t counts[N_VERBS];
};

static _Noreturn void usage(void)
{
	log_fatal("usage: postsuper [-c config_dir] [-d queue_id (delete)] [-h queue_id (hold)] "
		  "[-H queue_id (un-hold)] [-p (purge temporary files)] [-r queue_id (requeue)] "
		  "[-s (structure fix)] [-S (redundant structure fix)] [-v (verbose)] [queue...]");
}

/* --- without qmgr --- */

static bool is_complete(const struct queue_spool *s, enum queue_name q, const struct queue_id *id)
{
	struct stat st;

	return queue_stat(s, q, id, &st, NULL) == RC_OK && S_ISREG(st.st_mode) &&
	       queue_mode_is_complete(st.st_mode);
}

static enum queue_name destination(const struct verb *v)
{
	switch (v->option) {
	case 'h': return QUEUE_HOLD;
	case 'H': return QUEUE_DEFERRED;
	default: return QUEUE_MAILDROP;
	}
}

static bool direct_one(struct super *s, const struct verb *v, enum queue_name q,
		       const struct queue_id *id)
{
	const struct queue_spool *spool = &s->tool.spool;
	struct err err = { 0 };
	enum rc rc;

	if (!is_complete(spool, q, id))
		return false;
	if (v->option == 'd') {
		rc = queue_remove(spool, q, id, &err);
	} else {
		if (v->option == 'H')
			(void)!queue_set_due(spool, q, id, time(NULL), NULL);
		rc = queue_move(spool, q, id, destination(v), id, &err);
	}
	if (rc != RC_OK) {
		if (rc != RC_END)
			log_err(NULL, &err, "%s", id->s);
		return false;
	}
	if (v->option == 'd' || v->option == 'r')
		(void)!queue_remove(spool, QUEUE_DEFER, id, NULL);
	return true;
}

static uint32_t direct_all(struct super *s, const struct verb *v, enum queue_name q)
{
	struct queue_scan scan;
	struct queue_id id;
	uint32_t n = 0;

	if (queue_scan_init(&scan, &s->tool.spool, q, NULL) != RC_OK)
		return 0;
	while (queue_scan_next(&scan, &id))
		n += direct_one(s, v, q, &id);
	queue_scan_done(&scan);
	return n;
}

static uint32_t act_direct(struct super *s, const struct verb *v, const char *target,
			   unsigned queues)
{
	struct queue_id id;
	uint32_t n = 0;

	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		if ((queues & 1u << q) == 0)
			continue;
		if (strcmp(target, "ALL") == 0)
			n += direct_all(s, v, q);
		else if (n == 0 && queue_id_parse(slice_str(target), &id) == RC_OK)
			n += direct_one(s, v, q, &id);
	}
	return n;
}

/* --- by qmgr --- */

static uint32_t act_by_qmgr(struct super *s, const struct verb *v, const char *target,
			    unsigned queues)
{
	uint32_t total = 0;

	/* All the queues of the verb are one request; else one for each. */
	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		bool all = queues == v->queues;
		struct err err = { 0 };
		uint32_t n = 0;

		if (!all && (queues & 1u << q) == 0)
			continue;
		if (queuetool_ask(&s->tool, v->name, target, all ? "" : queue_name_str(q), &n,
				  &err) != RC_OK)
			log_fatal("%s", err.text);
		total += n;
		if (all)
			break;
	}
	return total;
}

/* --- actions --- */

static void act(struct super *s, const struct action *a, const char *target)
{
	const struct verb *v = a->verb;
	unsigned queues = s->queues != 0 ? s->queues & v->queues : v->queues;
	bool is_all = strcmp(target, "ALL") == 0;
	uint32_t n;

	if (!is_all && !queue_id_is_valid(slice_str(target))) {
		log_warn(NULL, "invalid mail queue id: %s", target);
		return;
	}
	n = s->tool.fd >= 0 ? act_by_qmgr(s, v, target, queues) : act_direct(s, v, target, queues);
	if (n > 0 && !is_all)
		log_info(NULL, "%s: %s", target, v->one);
	s->counts[v - verbs] += n;
}

static void act_on_input(struct super *s, const struct action *a)
{
	char line[LINE_SIZE];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct slice id = slice_trim_space(slice_str(line));
		char target[LINE_SIZE];

		if (id.n > 0 && slice_to_cstr(id, target, sizeof(target)))
			act(s, a, target);
	}
}

static void run_actions(struct super *s)
{
	bool used[N_VERBS] = { false };

	for (size_t i = 0; i < s->n_actions; i++) {
		const struct action *a = &s->actions[i];

		used[a->verb - verbs] = true;
		if (strcmp(a->target, "-") == 0)
			act_on_input(s, a);
		else
			act(s, a, a->target);
	}
	for (size_t i = 0; i < N_VERBS; i++)
		if (used[i])
			log_info(NULL, "%s: %u message%s", verbs[i].all, s->counts[i],
				 s->counts[i] == 1 ? "" : "s");
}

/* --- order in the directories --- */

/* cleanup removes its own leftovers; this is for a spool whose programs do not run. */
static void purge_queue(struct super *s, enum queue_name q)
{
	const struct queue_spool *spool = &s->tool.spool;
	time_t limit = time(NULL) - STALE_S;
	struct queue_scan scan;
	struct queue_id id;
	struct stat st;

	if (queue_scan_init(&scan, spool, q, NULL) != RC_OK)
		return;
	while (queue_scan_next(&scan, &id))
		if (queue_stat(spool, q, &id, &st, NULL) == RC_OK && S_ISREG(st.st_mode) &&
		    !queue_mode_is_complete(st.st_mode) && st.st_mtime < limit &&
		    queue_remove(spool, q, &id, NULL) == RC_OK)
			log_info(NULL, "%s: unfinished file removed from %s", id.s,
				 queue_name_str(q));
	queue_scan_done(&scan);
}

/* Walking a queue puts each file at the depth where it belongs. */
static void repair_queue(struct super *s, enum queue_name q)
{
	struct queue_scan scan;
	struct queue_id id;

	if (queue_scan_init(&scan, &s->tool.spool, q, NULL) != RC_OK)
		return;
	while (queue_scan_next(&scan, &id))
		;
	queue_scan_done(&scan);
}

static void keep_order(struct super *s)
{
	static const unsigned purged = 1 << QUEUE_MAILDROP | 1 << QUEUE_INCOMING |
				       1 << QUEUE_ACTIVE | 1 << QUEUE_HOLD;

	if (s->tool.fd >= 0)
		return;		/* cleanup and qmgr do both all the time */
	for (enum queue_name q = 0; q < QUEUE_N; q++) {
		if (s->queues != 0 && (s->queues & 1u << q) == 0)
			continue;
		if (s->purge && (purged & 1u << q) != 0)
			purge_queue(s, q);
		if (s->repair)
			repair_queue(s, q);
	}
}

/* --- the command line --- */

static void add_action(struct super *s, int option, const char *target)
{
	const struct verb *v = verbs;

	while (v->option != option)
		v++;
	if (s->n_actions == ACTIONS_MAX)
		log_fatal("too many -%c options", option);
	s->actions[s->n_actions++] = (struct action){ v, target };
}

static const char *read_options(struct super *s, int argc, char **argv)
{
	const char *dir = NULL;
	int verbose = 0, ch;

	while ((ch = getopt(argc, argv, "c:d:e:f:h:H:pr:sSv")) > 0) {
		switch (ch) {
		case 'c': dir = optarg; break;
		case 'e':
		case 'f': log_fatal("-%c: messages cannot be made to expire; use -d", ch);
		case 'p': s->purge = true; break;
		case 's':
		case 'S': s->repair = true; break;
		case 'v': log_set_verbose(++verbose); break;
		case '?': usage();
		default: add_action(s, ch, optarg);
		}
	}
	for (; optind < argc; optind++) {
		enum queue_name q = queue_name_find(slice_str(argv[optind]));

		if (q == QUEUE_N || q == QUEUE_CORRUPT)
			log_fatal("invalid directory name: %s", argv[optind]);
		s->queues |= 1u << q;
	}
	if (s->n_actions == 0 && !s->purge && !s->repair)
		s->purge = s->repair = true;
	return tool_config_dir(dir);
}

/* Of a suite that an ordinary user runs. */
static bool is_spool_owner(const struct conf *conf)
{
	char *root = tool_param(conf, "queue_directory"), path[4096];
	struct stat st;
	bool is;

	snprintf(path, sizeof(path), "%s/active", root);
	is = stat(path, &st) == 0 && st.st_uid == getuid();
	free(root);
	return is;
}

int main(int argc, char **argv)
{
	static struct super s;
	struct err why = { 0 }, err = { 0 };
	struct conf *conf;

	tool_init("postsuper", 1);
	conf = tool_conf(read_options(&s, argc, argv));
	if (getuid() != 0 && !is_spool_owner(conf))
		log_fatal("use of this command is reserved for the superuser");
	if (queuetool_connect(&s.tool, conf, &why) != RC_OK &&
	    !queuetool_go_direct(&s.tool, false, &err))
		log_fatal("%s", err.text);
	keep_order(&s);
	run_actions(&s);
	queuetool_done(&s.tool);
	conf_free(&conf);
	return 0;
}
