/* The root broker of local and virtual, asked by a front that somebody has taken over. */
/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/ipc/control.h"
#include "lib/ipc/localbroker.h"
#include "lib/ipc/localworker.h"
#include "lib/sys/log.h"
#include "local/broker.h"
#include "tests/unit/daemon/fake_master.h"

enum { PATIENCE_MS = 60000 };
enum { OWN_UID = 65534, USER_UID = 60001, LOW_UID = 99 };	/* fake_master's owners: nobody */

static struct config config;
static int broker_fd, message_fd;
static const char *service;

static void prepare(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };

	(void)faults;
	config = (struct config){ .is_rootless = daemon_is_rootless(d), .service = service,
				  .is_virtual = strcmp(service, "virtual") == 0 };
	config.p.virtual_mailbox_base = "/tmp";
	config.p.mail_spool_directory = "/tmp";
	config.p.virtual_minimum_uid = LOW_UID + 1;
	config.p.local_worker_limit = 20;
	message_fd = open("/dev/null", O_RDONLY);
	daemon_set_user(d, &config);
	if (daemon_fork_helper(d, "local-broker", broker_start, &broker_fd, &err) != RC_OK)
		log_fatal("%s", err.text);
}

static const struct ask {
	const char *service;
	enum worker_kind kind;
	const char *user;
	unsigned uid;
	const char *dir, *want;
} asks[] = {
	{ "local", WORKER_COMMAND, "games", 0, "", "made" },
	{ "local", WORKER_COMMAND, "nobody", 0, "", "no job runs as user id 65534" },
	{ "local", WORKER_HOME, "nobody", 0, "", "no job runs as user id 65534" },
	{ "local", WORKER_FILE, "nobody", 0, "/tmp", "no job runs as user id 65534" },
	{ "local", WORKER_COMMAND, "root", 0, "", "no job runs as root" },
	{ "local", WORKER_HOME, "root", 0, "", "no job runs as root" },
	{ "local", WORKER_FILE, "root", 0, "/tmp", "no job runs as root" },
	{ "local", WORKER_SPOOL, "root", 0, "", "made" },
	{ "local", WORKER_VIRTUAL, "", USER_UID, "/tmp/x", "is not for local" },
	{ "virtual", WORKER_VIRTUAL, "", USER_UID, "/tmp/x", "made" },
	{ "virtual", WORKER_VIRTUAL, "", OWN_UID, "/tmp/x", "no job runs as user id 65534" },
	{ "virtual", WORKER_VIRTUAL, "", 0, "/tmp/x", "below virtual_minimum_uid" },
	{ "virtual", WORKER_VIRTUAL, "", LOW_UID, "/tmp/x", "below virtual_minimum_uid" },
	{ "virtual", WORKER_VIRTUAL, "", USER_UID, "/etc", "is not below" },
	{ "virtual", WORKER_VIRTUAL, "", USER_UID, "/tmpx", "is not below" },
	{ "virtual", WORKER_VIRTUAL, "", USER_UID, "/tmp/..", "is not below" },
	{ "virtual", WORKER_VIRTUAL, "", USER_UID, "/tmp/a/../../etc", "is not below" },
	{ "virtual", WORKER_VIRTUAL, "", USER_UID, "/tmp/..a/b", "made" },
	{ "virtual", WORKER_COMMAND, "games", 0, "", "is not for virtual" },
};

/* The wanted part of TEXT, or all of it. */
static void show(size_t i, struct slice text)
{
	char s[600];

	(void)slice_to_cstr(slice_sub(text, 0, sizeof(s) - 1), s, sizeof(s));
	log_info(NULL, "ask %zu gives %s", i,
		 strstr(s, asks[i].want) != NULL ? strstr(s, asks[i].want) : s);
}

/* What root's worker writes, and virtual's and root's open, for such a front: nothing. */
static const struct {
	unsigned format;
	const char *path, *user;
} files[] = {
	{ WORK_FILE, "/tmp/root", "root" }, { WORK_MBOX, "/etc/buzon-test", "root" },
	{ WORK_MBOX, "/tmp/a/root", "root" }, { WORK_MBOX, "/tmp/../etc/x", "../etc/x" },
	{ WORK_MAILDIR, "/tmp/../", ".." }, { WORK_MBOX, "/tmproot/root", "root" },
};

static void try_write(size_t n)
{
	struct broker_worker_ready made;
	struct ipc_inbox box;
	struct ipc_reader r;
	struct err err = { 0 };
	enum rc rc;

	(void)!broker_worker_sync(broker_fd, &(struct broker_worker){
		.id = 100, .kind = WORKER_SPOOL, .user = SLICE_LIT("root") }, &err);
	if (ipc_sync_recv(broker_fd, &box, &r, PATIENCE_MS, &err) != RC_OK ||
	    broker_worker_ready_get(&r, &made) != RC_OK ||
	    ipc_sync_hello(made.channel, &localworker_proto, PATIENCE_MS, &err) != RC_OK)
		log_fatal("no worker for root: %s", err.text);
	rc = work_deliver_sync(made.channel, &(struct work_deliver){
		.format = (uint8_t)files[n].format, .path = slice_str(files[n].path),
		.user = slice_str(files[n].user), .file = dup(message_fd) }, &err);
	if (rc == RC_OK)
		rc = ipc_sync_recv(made.channel, &box, &r, PATIENCE_MS, &err);
	log_info(NULL, "writing %zu ends with %d", n, rc);
	close(made.channel);
}

static void try_open(int fd)
{
	struct ipc_inbox box;
	struct ipc_reader r;
	struct err err = { 0 };
	enum rc rc = ipc_sync_hello(fd, &localworker_proto, PATIENCE_MS, &err);

	if (rc == RC_OK)
		rc = work_open_sync(fd, &(struct work_open){ .path = SLICE_LIT("/tmp/x") }, &err);
	if (rc == RC_OK)
		rc = ipc_sync_recv(fd, &box, &r, PATIENCE_MS, &err);
	log_info(NULL, "opening ends with %d", rc);
}

static void ask(size_t i)
{
	const struct ask *a = &asks[i];
	struct broker_worker_failed failed;
	struct broker_worker_ready made;
	struct ipc_inbox box;
	struct ipc_reader r;
	struct err err = { 0 };

	if (broker_worker_sync(broker_fd, &(struct broker_worker){
		    .id = (uint32_t)i, .kind = (uint8_t)a->kind, .user = slice_str(a->user),
		    .uid = a->uid, .gid = a->uid, .dir = slice_str(a->dir) }, &err) != RC_OK ||
	    ipc_sync_recv(broker_fd, &box, &r, PATIENCE_MS, &err) != RC_OK) {
		show(i, slice_str(err.text));
	} else if (r.type == broker_worker_ready_type &&
		   broker_worker_ready_get(&r, &made) == RC_OK) {
		show(i, SLICE_LIT("made"));
		if (a->kind == WORKER_VIRTUAL || a->kind == WORKER_SPOOL)
			try_open(made.channel);
		for (size_t n = 0; n < N_OF(files) && a->kind == WORKER_SPOOL; n++)
			try_write(n);
	} else if (broker_worker_failed_get(&r, &failed) == RC_OK) {
		show(i, failed.text);
	}
}

static enum rc start(struct daemon *d, struct err *err)
{
	(void)d;
	if (ipc_sync_hello(broker_fd, &localbroker_proto, PATIENCE_MS, err) != RC_OK)
		return RC_SYS;
	for (size_t i = 0; i < N_OF(asks); i++)
		if (strcmp(asks[i].service, service) == 0)
			ask(i);
	return RC_OK;
}

static void the_broker_holds_what_it_says(void **state)
{
	static const struct daemon_spec front = { .name = "local", .prepare = prepare,
						  .start = start };
	static const char *const services[] = { "local", "virtual" };
	char want[128];

	(void)state;
	if (geteuid() != 0)
		skip();		/* there is but one user */
	for (size_t s = 0; s < N_OF(services); s++) {
		struct fake_master m;

		service = services[s];
		fake_start(&m, &front, "", "packet", 0);
		for (size_t i = 0; i < N_OF(asks); i++) {
			if (strcmp(asks[i].service, service) != 0)
				continue;
			snprintf(want, sizeof(want), "ask %zu gives %s", i, asks[i].want);
			fake_expect_log(&m, want);
			if (strcmp(asks[i].want, "made") != 0 || asks[i].kind == WORKER_COMMAND)
				continue;
			fake_expect_log(&m, "opening ends with 2");
			for (size_t n = 0; n < N_OF(files) && asks[i].kind == WORKER_SPOOL; n++) {
				snprintf(want, sizeof(want), "writing %zu ends with 2", n);
				fake_expect_log(&m, want);
			}
		}
		assert_int_equal(fake_end(&m), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_broker_holds_what_it_says),
	};

	return cmocka_run_group_tests_name("broker", tests, NULL, NULL);
}
