/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/table/table.h"
#include "proxymap/proxymap.h"

/* Tables stay open between lookups; one that changed is opened again. */
struct tables {
	struct hash open;
};

static void note(const char *text)
{
	log_warn(NULL, "%s", text);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum rc get_table(struct tables *t, const struct proxymap_ask *m, struct table **ret,
			 struct err *err)
{
	char spec[1026];
	struct slice name = m->table;
	enum rc rc;

	*ret = hash_get(&t->open, name);
	if (*ret != NULL && table_has_changed(*ret, now_ms())) {
		hash_remove(&t->open, name);
		table_close(ret);
	}
	if (*ret != NULL)
		return RC_OK;
	if (!slice_to_cstr(name, spec, sizeof(spec)))
		return RC_PERM;
	rc = table_open(spec, "hash", TABLE_FOLD, ret, err);
	if (rc == RC_OK && hash_put(&t->open, name, *ret, NULL) != RC_OK) {
		table_close(ret);
		return RC_PERM;
	}
	return rc;
}

static uint8_t status_of(enum rc rc)
{
	switch (rc) {
	case RC_OK: return PROXYMAP_FOUND;
	case RC_END: return PROXYMAP_NOT_FOUND;
	case RC_TEMP:
	case RC_SYS: return PROXYMAP_LATER;
	default: return PROXYMAP_DENIED;
	}
}

static enum rc answer(struct tables *t, int fd, const struct proxymap_ask *m)
{
	struct proxymap_answer reply = { .id = m->id };
	struct table *table = NULL;
	struct slice value = { NULL, 0 };
	struct err err = { 0 };
	enum rc rc = get_table(t, m, &table, &err);

	if (rc == RC_OK)
		rc = table_lookup(table, NULL, m->key, &value, &err);
	if (rc != RC_OK && rc != RC_END)
		log_err(NULL, &err, "table %.*s", SLICE_ARG(m->table));
	reply.status = status_of(rc);
	if (rc == RC_OK)
		reply.value = value;
	return proxymap_answer_sync(fd, &reply, &err);
}

int worker_run(int fd)
{
	struct tables tables;
	struct ipc_inbox box;
	struct ipc_reader r;
	struct proxymap_ask m;
	struct err err = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	table_on_note(note);
	hash_init(&tables.open, TABLES_MAX, false);
	if (ipc_sync_hello(fd, &proxymap_proto, -1, &err) != RC_OK)
		return 1;
	while (ipc_sync_recv(fd, &box, &r, -1, &err) == RC_OK) {
		if (proxymap_ask_get(&r, &m) != RC_OK || answer(&tables, fd, &m) != RC_OK)
			return 1;
	}
	return 0;
}
