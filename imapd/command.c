/* SPDX-License-Identifier: ISC */
#include "imapd/commands.h"

#include <stdio.h>

/* One table says which command may run when, and what the client may be told behind it. */
static const struct command {
	const char *name;
	unsigned states;
	enum session_sync sync;
	void (*run)(struct session *s, struct imap_args args);
} commands[] = {
#define ANY (SESSION_AUTHENTICATED | SESSION_SELECTED)
	{ "APPEND", ANY, SYNC_ALL, cmd_append },
	{ "CAPABILITY", ANY, SYNC_NONE, cmd_capability },
	{ "CHECK", SESSION_SELECTED, SYNC_ALL, cmd_check },
	{ "CLOSE", SESSION_SELECTED, SYNC_NONE, cmd_close },
	{ "COPY", SESSION_SELECTED, SYNC_ALL, cmd_copy },
	{ "CREATE", ANY, SYNC_ALL, cmd_create },
	{ "DELETE", ANY, SYNC_ALL, cmd_delete },
	{ "EXAMINE", ANY, SYNC_NONE, cmd_examine },
	{ "EXPUNGE", SESSION_SELECTED, SYNC_ALL, cmd_expunge },
	{ "FETCH", SESSION_SELECTED, SYNC_KEEP_NUMBERS, cmd_fetch },
	{ "ID", ANY, SYNC_NONE, cmd_id },
	{ "IDLE", ANY, SYNC_ALL, cmd_idle },
	{ "LIST", ANY, SYNC_ALL, cmd_list },
	{ "LOGOUT", ANY, SYNC_NONE, cmd_logout },
	{ "LSUB", ANY, SYNC_ALL, cmd_lsub },
	{ "NAMESPACE", ANY, SYNC_NONE, cmd_namespace },
	{ "NOOP", ANY, SYNC_ALL, cmd_noop },
	{ "RENAME", ANY, SYNC_ALL, cmd_rename },
	{ "SEARCH", SESSION_SELECTED, SYNC_KEEP_NUMBERS, cmd_search },
	{ "SELECT", ANY, SYNC_NONE, cmd_select },
	{ "STATUS", ANY, SYNC_ALL, cmd_status },
	{ "STORE", SESSION_SELECTED, SYNC_KEEP_NUMBERS, cmd_store },
	{ "SUBSCRIBE", ANY, SYNC_ALL, cmd_subscribe },
	{ "UNSELECT", SESSION_SELECTED, SYNC_NONE, cmd_unselect },
	{ "UNSUBSCRIBE", ANY, SYNC_ALL, cmd_unsubscribe },
	/* After UID, where numbers are no matter and EXPUNGE may be told at once. */
	{ "UID COPY", SESSION_SELECTED, SYNC_ALL, cmd_copy },
	{ "UID EXPUNGE", SESSION_SELECTED, SYNC_ALL, cmd_uid_expunge },
	{ "UID FETCH", SESSION_SELECTED, SYNC_ALL, cmd_fetch },
	{ "UID SEARCH", SESSION_SELECTED, SYNC_ALL, cmd_search },
	{ "UID STORE", SESSION_SELECTED, SYNC_ALL, cmd_store },
#undef ANY
};

enum { UID_N = 4 };	/* "UID " */

/* A command line taken apart. */
struct call {
	struct slice name;		/* as sent, without UID; empty: none */
	bool by_uid;
	const struct command *command;	/* NULL: unknown */
	struct imap_args args;		/* behind the name */
};

static struct call read_call(struct imap_parser *p)
{
	struct call c = { .args = imap_parser_args(p) };

	(void)imap_args_next(&c.args);	/* the tag */
	if (imap_args_atom(&c.args, &c.name) && slice_iis(c.name, "UID")) {
		c.by_uid = true;
		c.name.n = 0;
		(void)imap_args_atom(&c.args, &c.name);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct slice known = slice_str(commands[i].name);

		if (slice_starts(known, SLICE_LIT("UID ")) != c.by_uid)
			continue;
		if (slice_ieq(c.name, c.by_uid ? slice_skip(known, UID_N) : known))
			c.command = &commands[i];
	}
	return c;
}

static void begin(struct session *s, const struct call *c)
{
	struct slice name = c->command != NULL ? slice_str(c->command->name) :
		slice_sub(c->name, 0, sizeof(s->command) - 1);

	buf_reset(&s->result);
	(void)slice_to_cstr(imap_parser_tag(&s->parser), s->tag, sizeof(s->tag));
	(void)slice_to_cstr(name, s->command, sizeof(s->command));
	s->by_uid = c->by_uid;
	s->sync = c->command != NULL ? c->command->sync : SYNC_NONE;
}

static bool is_allowed(struct session *s, const struct command *c)
{
	if (c == NULL) {
		session_bad(s, "Unknown command");
		return false;
	}
	if ((c->states & s->state) == 0) {
		buf_reset(&s->result);
		buf_adds(&s->result, "BAD No mailbox selected.");
		return false;
	}
	return true;
}

/* What changed, then the tagged answer: clients take the end of a command for the time at which
 * they know all of it. */
static void finish(struct session *s)
{
	if (s->is_asleep)
		return;
	session_sync(s, s->sync);
	/* Only bad commands in a row are a reason to give up on a client. */
	if (!slice_starts(buf_slice(&s->result), SLICE_LIT("BAD ")))
		s->n_bad = 0;
	if (!s->said_bye)
		buf_addf(client_out(&s->client), "%s %s\r\n", s->tag[0] != '\0' ? s->tag : "*",
			 buf_cstr(&s->result));
	client_relax(&s->client);
	append_done(&s->append);
	imap_parser_next(&s->parser);
	arena_reset(&s->arena);
}

static void on_command(struct session *s)
{
	struct call c;

	/* Some clients send an empty line behind a literal. */
	if (imap_args_is_empty(imap_parser_args(&s->parser))) {
		imap_parser_next(&s->parser);
		return;
	}
	c = read_call(&s->parser);
	begin(s, &c);
	if (s->tag[0] == '\0')
		session_bad(s, "Invalid or missing tag");
	else if (is_allowed(s, c.command))
		c.command->run(s, c.args);
	finish(s);
}

void session_step_idle(struct session *s)
{
	snprintf(s->command, sizeof(s->command), "IDLE");
	s->sync = SYNC_ALL;
	session_idle(s);
	finish(s);
}

static void on_literal(struct session *s)
{
	struct call c = read_call(&s->parser);

	if (c.command != NULL && c.command->run == cmd_append && !imap_args_is_empty(c.args)) {
		begin(s, &c);
		cmd_append_literal(s, c.args);
	} else if (imap_parser_accept(&s->parser) != RC_OK) {
		imap_parser_refuse(&s->parser, "Too large literal");
	} else if (s->parser.lit_sync) {
		buf_adds(client_out(&s->client), "+ OK\r\n");
	}
}

static void on_error(struct session *s)
{
	if (!s->append.is_refused) {
		const struct call c = read_call(&s->parser);

		begin(s, &c);
		s->sync = SYNC_NONE;
		session_bad(s, s->parser.error);
	}
	finish(s);
}

/* Input for the parser, or the session's end. */
static bool fill(struct session *s)
{
	enum rc rc = client_fill(&s->client, s->conf->autologout_ms);

	if (rc == RC_TEMP)
		session_bye(s, "Disconnected for inactivity.", "Inactivity");
	else if (rc == RC_PERM)
		session_bye(s, "Server shutting down.", "Server shutting down.");
	else if (rc == RC_END)
		session_set_state(s, SESSION_OVER);
	return rc == RC_OK;
}

static enum imap_event feed(struct session *s)
{
	struct slice in = client_input(&s->client), was = in;
	enum imap_event ev = imap_parser_feed(&s->parser, &in);

	client_consume(&s->client, was.n - in.n);
	return ev;
}

void session_step(struct session *s)
{
	switch (feed(s)) {
	case IMAP_EV_MORE:
		(void)fill(s);
		break;
	case IMAP_EV_LITERAL:
		on_literal(s);
		break;
	case IMAP_EV_COMMAND:
		on_command(s);
		break;
	case IMAP_EV_ERROR:
		on_error(s);
		break;
	default:
		session_bye(s, "Input buffer full, aborting", "Too long command");
		break;
	}
}

enum rc session_read_line(struct session *s, int watch_fd, int64_t timeout_ms,
			  unsigned *ret_wake)
{
	for (;;) {
		enum imap_event ev = feed(s);

		*ret_wake = CLIENT_INPUT;
		if (ev == IMAP_EV_LINE || ev == IMAP_EV_ERROR || ev == IMAP_EV_FATAL)
			return ev == IMAP_EV_LINE ? RC_OK : RC_SYNTAX;
		*ret_wake = client_wait(&s->client, watch_fd, timeout_ms);
		if ((*ret_wake & (CLIENT_INPUT | CLIENT_STOP)) == 0)
			return RC_MORE;
		if (!fill(s))
			return RC_END;
	}
}
