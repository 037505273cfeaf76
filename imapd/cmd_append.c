/* SPDX-License-Identifier: ISC */
/* APPEND: the message goes from the wire into the store as it comes. */
#include "imapd/commands.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/imap/command.h"

enum { READ_SIZE = 65536 };

void append_done(struct append *a)
{
	store_append_abort(&a->tx);
	free(a->error);
	*a = (struct append){ .tx = NULL };
}

/* The transaction for what stands before the literal; false when answered. */
static bool append_begin(struct session *s, struct imap_args args)
{
	struct imap_append_args p;
	struct store_append_meta meta = { .internaldate = -1 };
	struct err err = { 0 };
	const char *name, *why;
	struct slice wire;
	enum rc rc = imap_append_parse(args, &s->arena, &p, &why);

	if (rc != RC_OK) {
		session_bad(s, rc == RC_SYNTAX ? why : "Too large command");
		return false;
	}
	if (!session_mailbox_arg(s, &args, &name, &wire))
		return false;
	if (s->parser.lit_size == 0) {
		session_no(s, "Can't save a zero byte message.");
		return false;
	}
	meta.flags = (uint8_t)p.flags.system;
	meta.keywords = p.flags.keywords;
	meta.n_keywords = p.flags.n_keywords;
	if (p.has_date)
		meta.internaldate = p.date.time;
	rc = store_append_begin(s->store, name, &s->append.tx, &err);
	if (rc == RC_END) {
		session_no(s, "[TRYCREATE] Mailbox doesn't exist: %.*s", SLICE_ARG(wire));
		return false;
	}
	if (rc == RC_OK)
		rc = store_append_message(s->append.tx, &meta, &err);
	if (rc != RC_OK)
		session_fail(s, rc, &err, wire);
	return rc == RC_OK;
}

/* The message is not taken: keep the answer until the command is over, which it is at once when
 * the client waits for our word. */
static void refuse(struct session *s)
{
	store_append_abort(&s->append.tx);
	s->append.error = buf_take(&s->result);
	if (s->parser.lit_sync) {
		s->append.is_refused = true;
		buf_adds(&s->result, s->append.error);
		imap_parser_refuse(&s->parser, "Not taken");
	}
}

/* Bytes of the literal into the store; false when the client has gone. */
static bool read_content(struct session *s, uint64_t size)
{
	char *chunk = mem_new(READ_SIZE, 1);
	struct err err = { 0 };
	enum rc rc = RC_OK;

	while (size > 0) {
		size_t n = client_read(&s->client, chunk, size < READ_SIZE ? (size_t)size : READ_SIZE,
				       s->conf->autologout_ms);

		if (n == 0)
			break;
		size -= n;
		if (s->append.tx != NULL && rc == RC_OK)
			rc = store_append_write(s->append.tx, slice_make(chunk, n), &err);
	}
	free(chunk);
	if (rc != RC_OK) {
		session_fail(s, rc, &err, (struct slice){ NULL, 0 });
		store_append_abort(&s->append.tx);
		s->append.error = buf_take(&s->result);
	}
	return size == 0;
}

void cmd_append_literal(struct session *s, struct imap_args args)
{
	if (s->append.is_read || s->append.is_refused) {
		imap_parser_refuse(&s->parser, "APPEND takes one message");
		return;
	}
	if (!append_begin(s, args))
		refuse(s);
	if (s->append.is_refused)
		return;
	if (s->parser.lit_sync)
		buf_adds(client_out(&s->client), "+ OK\r\n");
	s->append.is_read = true;
	imap_parser_stream(&s->parser);
	if (!read_content(s, s->parser.lit_size)) {
		s->reason = "Disconnected in APPEND";
		session_set_state(s, SESSION_OVER);
	}
}

void cmd_append(struct session *s, struct imap_args args)
{
	struct store_appended done = { 0 };
	struct err err = { 0 };
	const struct imap_arg *last = NULL;
	enum rc rc;

	while (!imap_args_is_empty(args))
		last = imap_args_next(&args);
	if (last == NULL || last->type != IMAP_ARG_STREAM) {
		session_bad(s, "Invalid arguments");
		return;
	}
	if (s->append.tx == NULL) {
		buf_adds(&s->result, s->append.error);
		return;
	}
	rc = store_append_commit(&s->append.tx, &done, &err);
	if (rc == RC_OK)
		session_ok(s, "[APPENDUID %u %u] Append completed.", done.uidvalidity, done.uids[0]);
	else if (rc == RC_END)
		session_no(s, "[TRYCREATE] Mailbox doesn't exist.");
	else
		session_fail(s, rc, &err, (struct slice){ NULL, 0 });
	store_appended_done(&done);
}
