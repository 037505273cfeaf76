/* SPDX-License-Identifier: ISC */
#include "imapd/commands.h"

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

/* The command that ARGS begin with; they are moved behind its name. */
static const struct command *find_command(struct imap_args *args, bool *ret_by_uid)
{
	struct slice name;

	*ret_by_uid = false;
	if (!imap_args_atom(args, &name))
		return NULL;
	if (slice_iis(name, "UID")) {
		*ret_by_uid = true;
		if (!imap_args_atom(args, &name))
			return NULL;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct slice known = slice_str(commands[i].name);

		if (slice_starts(known, SLICE_LIT("UID ")) != *ret_by_uid)
			continue;
		if (slice_ieq(name, *ret_by_uid ? slice_skip(known, UID_N) : known))
			return &commands[i];
	}
	return NULL;
}

static void begin(struct session *s, const struct command *c, bool by_uid)
{
	buf_reset(&s->result);
	(void)slice_to_cstr(imap_parser_tag(&s->parser), s->tag, sizeof(s->tag));
	s->command = c != NULL ? c->name : NULL;
	s->by_uid = by_uid;
	s->sync = c != NULL ? c->sync : SYNC_NONE;
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
	session_sync(s, s->sync);
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
	struct imap_args args = imap_parser_args(&s->parser);
	const struct command *c;
	bool by_uid;

	if (imap_args_is_empty(args)) {	/* some clients send an empty line behind a literal */
		imap_parser_next(&s->parser);
		return;
	}
	(void)imap_args_next(&args);
	c = find_command(&args, &by_uid);
	begin(s, c, by_uid);
	if (s->tag[0] == '\0')
		session_bad(s, "Invalid or missing tag");
	else if (is_allowed(s, c))
		c->run(s, args);
	finish(s);
}

static void on_literal(struct session *s)
{
	struct imap_args args = imap_parser_args(&s->parser);
	const struct command *c;
	bool by_uid;

	(void)imap_args_next(&args);
	c = find_command(&args, &by_uid);
	if (c != NULL && c->run == cmd_append && !imap_args_is_empty(args)) {
		begin(s, c, by_uid);
		cmd_append_literal(s, args);
	} else if (imap_parser_accept(&s->parser) != RC_OK) {
		imap_parser_refuse(&s->parser, "Too large literal");
	} else if (s->parser.lit_sync) {
		buf_adds(client_out(&s->client), "+ OK\r\n");
	}
}

static void on_error(struct session *s)
{
	struct imap_args args = imap_parser_args(&s->parser);
	const struct command *c;
	bool by_uid;

	if (!s->append.is_refused) {
		(void)imap_args_next(&args);
		c = find_command(&args, &by_uid);
		begin(s, c, by_uid);
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
		if ((*ret_wake & CLIENT_INPUT) == 0)
			return RC_MORE;
		if (!fill(s))
			return RC_END;
	}
}
