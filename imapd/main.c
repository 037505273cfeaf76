/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "imapd/sleep.h"
#include "lib/daemon/access.h"
#include "lib/mail/charset.h"
#include "lib/sys/log.h"

#define PARAMS_STRUCT imapd_params
#define PARAMS_FILE "imapd/params.def"
#include "lib/conf/param_struct.h"

#define CAPABILITY "IMAP4rev1 SASL-IR LITERAL+ ID IDLE NAMESPACE UIDPLUS UNSELECT CHILDREN"

enum {
	JOBS_MAX = 100000,
	WRITE_TIMEOUT_MS = 300000,	/* a client that takes nothing for so long is gone */
	AUTOLOGOUT_MS = 1800000		/* RFC 3501, 5.4 */
};

static struct imapd_params params;
static struct access_spec spec;
static struct sleep_words words = {
	.still_here = "* OK Still here\r\n", .bye = "* BYE Server shutting down.\r\n",
};

/* --- in the job --- */

/* The mail cannot be opened: the login has failed after all, or the session cannot go on. */
static void refuse(struct session *s, const struct access_client *c, const struct err *err)
{
	log_error(NULL, "%s", err->text);
	if (c->asleep.n == 0)
		buf_addf(client_out(&s->client), "%s NO [UNAVAILABLE] Internal error occurred. "
			 "Refer to server log for more information.\r\n", c->command_tag);
	buf_adds(client_out(&s->client), "* BYE Disconnected\r\n");
	client_flush(&s->client);
}

/* How the session gets at its broker. */
struct way {
	const struct access_client *c;
	int fd;
};

static bool sleep_by_broker(void *arg, const struct session_rest *rest)
{
	const struct way *way = arg;

	return sleep_down(way->c->bed, &(struct sleep_down){
		.state = rest->state, .client = way->fd, .dirs = rest->dirs,
		.n_dirs = rest->n_dirs, .last_line = rest->last_line });
}

/* A new session, or one that another process has begun. */
static enum rc run(struct session *s, const struct access_client *c, struct err *err)
{
	const struct session_greeting greeting = { .tag = slice_str(c->command_tag),
						   .tell_capability = c->tell_capability };
	enum rc rc = RC_OK;

	if (c->asleep.n == 0) {
		session_run(s, &greeting);
		return RC_OK;
	}
	rc = session_wake_up(s, c->asleep, c->sent_asleep, err);
	if (rc == RC_OK)
		session_run_on(s);
	return rc;
}

static int serve(const struct access_client *c, int fd)
{
	struct client_socket sock = { .fd = fd, .stop_fd = c->stop_fd,
				      .write_timeout_ms = WRITE_TIMEOUT_MS,
				      .early = c->input };
	struct way way = { c, fd };
	const struct session_conf conf = {
		.user = c->user,
		.store = { .location = c->mail_location, .home = c->home,
			   .separator = params.mail_namespace_separator[0],
			   .save_crlf = params.mail_save_crlf,
			   .no_fsync = strcmp(params.mail_fsync, "never") == 0 },
		.ns = { .prefix = slice_str(params.mail_namespace_prefix),
			.separator = params.mail_namespace_separator[0] },
		.capability = SLICE_LIT(CAPABILITY),
		.id = SLICE_LIT("(\"name\" \"Buzon\")"),
		.max_line_bytes = (size_t)params.imap_max_line_length,
		.idle_notify_ms = params.imap_idle_notify_interval,
		.autologout_ms = AUTOLOGOUT_MS,
		.sleep_after_ms = params.imap_hibernate_timeout,
		.sleep = sleep_by_broker, .sleep_arg = &way,
		.log = access_log,
	};
	struct err err = { 0 };
	struct session s;
	enum rc rc = session_init(&s, &conf, &client_socket_ops, &sock, &err);

	bool is_asleep;

	if (rc == RC_OK)
		rc = run(&s, c, &err);
	if (rc != RC_OK)
		refuse(&s, c, &err);
	is_asleep = s.is_asleep;
	session_done(&s);
	return is_asleep ? ACCESS_ASLEEP : rc == RC_OK ? 0 : 1;
}

/* --- in the broker --- */

static void prepare(struct daemon *d, struct faults *faults)
{
	const char separator = params.mail_namespace_separator[0];
	struct slice prefix = slice_str(params.mail_namespace_prefix);

	log_as_dovecot("imap");
	access_check_location(d, faults);
	if (separator != '.' && separator != '/')
		faults_add(faults, true, NULL, 0, "use \".\" or \"/\"",
			   "mail_namespace_separator: bad value \"%s\"",
			   params.mail_namespace_separator);
	if (prefix.n > 0 && prefix.p[prefix.n - 1] != separator)
		faults_add(faults, true, NULL, 0, "let it end with mail_namespace_separator",
			   "mail_namespace_prefix: bad value \"%s\"", params.mail_namespace_prefix);
	if (strcmp(params.mail_fsync, "never") != 0 && strcmp(params.mail_fsync, "optimized") != 0)
		faults_add(faults, true, NULL, 0, "use optimized or never",
			   "mail_fsync: bad value \"%s\"", params.mail_fsync);
	/* Jobs can open neither time zones nor character sets. */
	tzset();
	charset_warm();
}

static enum rc start(struct daemon *d, struct err *err)
{
	words.still_here_ms = params.imap_idle_notify_interval;
	spec = (struct access_spec){ .service = "imap", .role = "imap-job", .serve = serve,
				     .max_jobs = JOBS_MAX,
				     .max_user_ip = (unsigned)params.imap_max_userip_connections,
				     .words = params.imap_hibernate_timeout > 0 ? &words : NULL };
	return access_start(d, &spec, err);
}

int main(int argc, char **argv)
{
	static const struct daemon_spec daemon = {
		.name = "imapd", .params = imapd_params_specs, .n_params = imapd_params_count,
		.params_out = &params, .prepare = prepare, .start = start, .on_accept = access_accept,
	};

	return daemon_main(argc, argv, &daemon);
}
