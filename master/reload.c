/* SPDX-License-Identifier: ISC */
#include <signal.h>

#include "lib/sys/log.h"
#include "master/master.h"

static struct unit *find_same(struct master *m, const struct plan_unit *plan)
{
	LIST_EACH(node, &m->units) {
		struct unit *u = LIST_ENTRY(node, struct unit, link);

		if (!u->is_retired && plan_unit_is_same(u->plan, plan))
			return u;
	}
	return NULL;
}

/* What runs gets a successor with the new configuration. Its predecessors drain when that one is
 * ready, so a service is never without a process; one that must be alone goes first. */
static void renew(struct unit *u)
{
	if (list_is_empty(&u->processes))
		return;
	if (u->plan->program->model == MODEL_ALONE) {
		u->restart_pending = true;
		LIST_EACH(node, &u->processes)
			process_drain(LIST_ENTRY(node, struct process, link));
		return;
	}
	/* Old ones do not count against the limit of the new. */
	LIST_EACH(node, &u->processes) {
		struct process *p = LIST_ENTRY(node, struct process, link);

		if (p->state == PROCESS_STARTING)
			process_drain(p);
	}
	u->restart_pending = true;
	unit_start(u);
}

static bool is_planned(const struct generation *g, const struct unit *u)
{
	for (const struct plan_unit *p = g->plan.units; p != NULL; p = p->next)
		if (plan_unit_is_same(p, u->plan))
			return true;
	return false;
}

void master_reload(struct master *m)
{
	struct generation *g;

	if (m->stop_step > 0)
		return;
	g = generation_read(m, false);
	if (g == NULL) {
		log_error(NULL, "reload refused: the configuration has faults; "
			  "what was read before stays in force");
		return;
	}
	LIST_EACH(node, &m->units) {
		struct unit *u = LIST_ENTRY(node, struct unit, link);

		if (!u->is_retired && !is_planned(g, u))
			unit_retire(u);
	}
	generation_drop(m->generation);
	m->generation = g;
	master_open_log(m);
	log_info(NULL, "reload -- version %s, configuration %s", g->config.mail_version,
		 m->config_dir);
	for (const struct plan_unit *p = g->plan.units; p != NULL; p = p->next) {
		struct unit *u = find_same(m, p);

		if (u == NULL) {
			unit_reopen(unit_new(m, g, p));
			continue;
		}
		unit_adopt(u, g, p);
		unit_reopen(u);
		renew(u);
	}
}
