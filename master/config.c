/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/conf/param.h"
#include "lib/sys/log.h"
#include "master/master.h"

enum { ARENA_MAX_BYTES = 16 << 20 };

#define MEMBER(type, member, def) \
	{ PARAM_##type, #member, def, 0, 0, "", offsetof(struct master_config, member), __FILE__ }

/* Read from here and there: what other programs declare is only named here. */
static const struct param_spec specs[] = {
#define PARAM(type, name, def, lo, hi, doc) \
	{ PARAM_##type, #name, def, lo, hi, doc, offsetof(struct master_config, name), __FILE__ },
#include "master/params.def"
#undef PARAM
	MEMBER(INT, default_process_limit, "1000"),
	MEMBER(STR, queue_directory, BUZON_QUEUE_DIR),
	MEMBER(STR, data_directory, BUZON_DATA_DIR),
	MEMBER(STR, daemon_directory, BUZON_DAEMON_DIR),
	MEMBER(STR, syslog_name, "postfix"),
	MEMBER(STR, syslog_facility, "mail"),
	MEMBER(STR, maillog_file, ""),
	MEMBER(STR, mail_owner, "buzon"),
	MEMBER(STR, mail_version, ""),
	MEMBER(STR, import_environment, ""),
};

static void tell(const struct faults *faults, bool prints)
{
	struct buf line;

	buf_init(&line, 4096);
	for (const struct fault *f = faults->first; f != NULL; f = f->next) {
		if (!f->is_fatal)
			continue;	/* notes are "buzon check"'s */
		buf_reset(&line);
		fault_print(f, &line);
		log_error(NULL, "%s", buf_cstr(&line));
		if (prints)
			fprintf(stderr, "master: %s\n", buf_cstr(&line));
	}
	buf_done(&line);
}

struct generation *generation_read(struct master *m, bool prints)
{
	struct generation *g = mem_new(1, sizeof(*g));
	struct faults faults;
	struct err err = { 0 };
	enum rc rc;

	arena_init(&g->arena, ARENA_MAX_BYTES);
	faults_init(&faults, &g->arena);
	g->conf = conf_new(m->config_dir);
	g->users = 1;
	g->number = ++m->generations;
	conf_override(g->conf, SLICE_LIT("process_name"), SLICE_LIT("master"));
	rc = conf_read(g->conf, &faults, &err);
	if (rc == RC_OK) {
		params_load(specs, sizeof(specs) / sizeof(specs[0]), g->conf, &g->arena,
			    &g->config, &faults);
		rc = plan_read(g->conf, &g->arena, &g->plan, &faults, &err);
	}
	if (rc != RC_OK)
		faults_add(&faults, true, NULL, 0, NULL, "%s", err.text);
	tell(&faults, prints);
	if (faults.fatal_count > 0)
		generation_drop(g);
	return faults.fatal_count > 0 ? NULL : g;
}

void generation_hold(struct generation *g)
{
	g->users++;
}

void generation_drop(struct generation *g)
{
	if (--g->users > 0)
		return;
	conf_free(&g->conf);
	arena_done(&g->arena);
	free(g);
}
