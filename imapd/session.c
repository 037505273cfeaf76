/* SPDX-License-Identifier: ISC */
#include "imapd/session.h"

#include <stdlib.h>

#include "lib/imap/write.h"

enum { ARENA_MAX = 256 << 20, RESULT_MAX = 64 << 20, BAD_MAX = 20 };

static const struct { const char *name; unsigned next; } states[] = {
	[SESSION_AUTHENTICATED] = { "authenticated", SESSION_SELECTED | SESSION_OVER },
	[SESSION_SELECTED] = { "selected", SESSION_AUTHENTICATED | SESSION_SELECTED | SESSION_OVER },
	[SESSION_OVER] = { "over", SESSION_OVER },
};

static void log_line(struct session *s, bool is_error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void log_line(struct session *s, bool is_error, const char *fmt, ...)
{
	struct buf line;
	va_list ap;

	buf_init(&line, 4096);
	va_start(ap, fmt);
	buf_addv(&line, fmt, ap);
	va_end(ap);
	s->conf->log(s->conf->log_arg, is_error, buf_cstr(&line));
	buf_done(&line);
}

void session_set_state(struct session *s, enum session_state state)
{
	if ((states[s->state].next & state) != 0)
		s->state = state;
	else if (s->state != state)
		log_line(s, true, "state %s cannot follow %s", states[state].name,
			 states[s->state].name);
}

enum rc session_init(struct session *s, const struct session_conf *conf,
		     const struct client_ops *ops, void *self, struct err *err)
{
	struct imap_limits limits = imap_limits_session;

	*s = (struct session){ .conf = conf, .state = SESSION_AUTHENTICATED };
	limits.max_bytes = (uint32_t)conf->max_line_bytes;
	client_init(&s->client, ops, self);
	imap_parser_init(&s->parser, &limits);
	arena_init(&s->arena, ARENA_MAX);
	arena_init(&s->scratch, ARENA_MAX);
	buf_init(&s->result, RESULT_MAX);
	buf_init(&s->told_flags, RESULT_MAX);
	message_init(&s->message);
	return store_open(&conf->store, &s->store, err);
}

void session_done(struct session *s)
{
	session_close_box(s);
	store_free(&s->store);
	append_done(&s->append);
	message_done(&s->message);
	buf_done(&s->told_flags);
	buf_done(&s->result);
	arena_done(&s->scratch);
	arena_done(&s->arena);
	imap_parser_done(&s->parser);
	client_done(&s->client);
}

static void greet(struct session *s, const struct session_greeting *g)
{
	struct slice cap = s->conf->capability;

	/* A client that asked for CAPABILITY before login does not look into response codes. */
	if (g->tell_capability)
		session_untagged(s, "CAPABILITY %.*s", SLICE_ARG(cap));
	if (g->tell_capability)
		buf_addf(client_out(&s->client), "%.*s OK Logged in\r\n", SLICE_ARG(g->tag));
	else
		buf_addf(client_out(&s->client), "%.*s OK [CAPABILITY %.*s] Logged in\r\n",
			 SLICE_ARG(g->tag), SLICE_ARG(cap));
}

void session_last_line(const struct session *s, const char *reason, struct buf *out)
{
	const struct session_stats *t = &s->stats;

	buf_addf(out, "Disconnected: %s in=%llu out=%llu deleted=%llu expunged=%llu trashed=0 "
		 "hdr_count=%llu hdr_bytes=%llu body_count=%llu body_bytes=%llu", reason,
		 (unsigned long long)s->client.n_in, (unsigned long long)s->client.n_out,
		 (unsigned long long)t->deleted, (unsigned long long)t->expunged,
		 (unsigned long long)t->hdr_count, (unsigned long long)t->hdr_bytes,
		 (unsigned long long)t->body_count, (unsigned long long)t->body_bytes);
}

static void serve(struct session *s)
{
	struct buf line;

	while (s->state != SESSION_OVER)
		session_step(s);
	if (s->is_asleep)
		return;
	client_flush(&s->client);
	buf_init(&line, SESSION_LAST_LINE_MAX);
	session_last_line(s, s->reason != NULL ? s->reason : "Connection closed", &line);
	log_line(s, false, "%s", buf_cstr(&line));
	buf_done(&line);
}

void session_run(struct session *s, const struct session_greeting *greeting)
{
	greet(s, greeting);
	serve(s);
}

void session_run_on(struct session *s)
{
	if (s->state != SESSION_OVER)
		session_step_idle(s);
	serve(s);
}

void session_untagged(struct session *s, const char *fmt, ...)
{
	struct buf *out = client_out(&s->client);
	va_list ap;

	buf_adds(out, "* ");
	va_start(ap, fmt);
	buf_addv(out, fmt, ap);
	va_end(ap);
	buf_adds(out, "\r\n");
}

void session_bye(struct session *s, const char *text, const char *reason)
{
	session_untagged(s, "BYE %s", text);
	if (s->reason == NULL)
		s->reason = reason;
	s->said_bye = true;
	session_set_state(s, SESSION_OVER);
}

void session_bye_deleted(struct session *s)
{
	session_bye(s, "Selected mailbox was deleted, have to disconnect.",
		    "Selected mailbox was deleted");
}

void session_ok(struct session *s, const char *fmt, ...)
{
	va_list ap;

	buf_reset(&s->result);
	buf_adds(&s->result, "OK ");
	va_start(ap, fmt);
	buf_addv(&s->result, fmt, ap);
	va_end(ap);
}

void session_no(struct session *s, const char *fmt, ...)
{
	va_list ap;

	buf_reset(&s->result);
	buf_adds(&s->result, "NO ");
	va_start(ap, fmt);
	buf_addv(&s->result, fmt, ap);
	va_end(ap);
}

void session_bad(struct session *s, const char *why)
{
	buf_reset(&s->result);
	buf_addf(&s->result, "BAD Error in IMAP command%s%s: %s.", s->command[0] != '\0' ? " " : "",
		 s->command, why);
	if (++s->n_bad >= BAD_MAX)
		session_bye(s, "Too many invalid IMAP commands.", "Too many invalid IMAP commands.");
}

/* Texts from below go into a response line: nothing in them may end it. */
static void no_with_text(struct session *s, const char *code, const char *text)
{
	buf_reset(&s->result);
	buf_addf(&s->result, "NO [%s] ", code);
	imap_write_text(slice_str(text), &s->result);
}

void session_fail(struct session *s, enum rc rc, const struct err *err, struct slice name)
{
	struct buf text;

	switch (rc) {
	case RC_END:
		buf_init(&text, 4096);
		buf_addf(&text, "Mailbox doesn't exist: %.*s", SLICE_ARG(name));
		no_with_text(s, "NONEXISTENT", buf_cstr(&text));
		buf_done(&text);
		break;
	case RC_SYNTAX:
	case RC_PERM:
		no_with_text(s, "CANNOT", err->text);
		break;
	case RC_DENIED:
		no_with_text(s, "NOPERM", "Permission denied.");
		break;
	case RC_LIMIT:
		/* The system's limit is room; ours is one of the implementation (RFC 5530). */
		no_with_text(s, err->sys_errno != 0 ? "OVERQUOTA" : "LIMIT",
			     err->text[0] != '\0' ? err->text : "Not enough room.");
		break;
	case RC_TEMP:
		no_with_text(s, "INUSE", "Timeout while waiting for lock.");
		break;
	default:
		no_with_text(s, "SERVERBUG", "Internal error occurred. "
			     "Refer to server log for more information.");
		break;
	}
	if (rc_is_temporary(rc) || rc == RC_DENIED)
		log_line(s, true, "%s: %.*s: %s", s->command, SLICE_ARG(name), err->text);
}

void session_close_box(struct session *s)
{
	if (s->state == SESSION_SELECTED)
		session_set_state(s, SESSION_AUTHENTICATED);
	message_forget(&s->message);
	store_box_free(&s->box);
	s->again_ms = 0;
	buf_reset(&s->told_flags);
}
