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

void session_run(struct session *s, const struct session_greeting *greeting)
{
	const struct session_stats *t = &s->stats;

	greet(s, greeting);
	while (s->state != SESSION_OVER)
		session_step(s);
	client_flush(&s->client);
	log_line(s, false, "Disconnected: %s in=%llu out=%llu deleted=%llu expunged=%llu trashed=0 "
		 "hdr_count=%llu hdr_bytes=%llu body_count=%llu body_bytes=%llu",
		 s->reason != NULL ? s->reason : "Connection closed",
		 (unsigned long long)s->client.n_in, (unsigned long long)s->client.n_out,
		 (unsigned long long)t->deleted, (unsigned long long)t->expunged,
		 (unsigned long long)t->hdr_count, (unsigned long long)t->hdr_bytes,
		 (unsigned long long)t->body_count, (unsigned long long)t->body_bytes);
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

bool session_end_args(struct session *s, struct imap_args args)
{
	if (imap_args_is_empty(args))
		return true;
	session_bad(s, "Too many arguments");
	return false;
}

bool session_mailbox_arg(struct session *s, struct imap_args *args, const char **ret_name,
			 struct slice *ret_wire)
{
	const char *why;
	enum rc rc;

	if (!imap_args_astring(args, ret_wire)) {
		session_bad(s, "Invalid arguments");
		return false;
	}
	rc = imap_mailbox_from_wire(&s->conf->ns, *ret_wire, &s->arena, ret_name, &why);
	if (rc == RC_SYNTAX)
		no_with_text(s, "CANNOT", why);
	else if (rc != RC_OK)
		session_no(s, "[LIMIT] Command is too large.");
	return rc == RC_OK;
}

void session_write_name(struct session *s, const char *name, struct buf *out)
{
	struct buf wire;

	buf_init(&wire, 4096);
	imap_mailbox_to_wire(&s->conf->ns, name, &wire);
	imap_write_astring(buf_slice(&wire), out);
	buf_done(&wire);
}

/* The messages of SET; BY_UID tells what its numbers are. RC_SYNTAX: 0, or beyond the mailbox;
 * RC_LIMIT: arena full. */
static enum rc resolve(struct session *s, struct imap_seqset *set, bool by_uid,
		       struct session_set *out)
{
	struct store_box_info info;
	struct session_set r = { NULL, 0 };
	uint64_t room = 0;

	if (!by_uid && imap_seqset_has_zero(set))
		return RC_SYNTAX;
	store_box_info(s->box, &info);
	imap_seqset_resolve(set, !by_uid ? info.count : info.count == 0 ? 0 :
			    store_box_msg(s->box, info.count)->uid);
	if (!by_uid && imap_seqset_largest(set) > info.count)
		return RC_SYNTAX;
	for (size_t i = 0; i < set->n; i++) {
		struct imap_range *g = &set->ranges[i];

		if (by_uid) {
			g->lo = store_box_seq(s->box, g->lo);
			g->hi = g->hi == UINT32_MAX ? info.count :
				store_box_seq(s->box, g->hi + 1) - 1;
		}
		room += g->hi >= g->lo ? g->hi - g->lo + 1 : 0;
	}
	r.seqs = arena_alloc(&s->arena, (room + 1) * sizeof(*r.seqs));
	if (r.seqs == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < set->n; i++)
		for (uint32_t seq = set->ranges[i].lo; seq <= set->ranges[i].hi; seq++)
			r.seqs[r.n++] = seq;
	*out = r;
	return RC_OK;
}

bool session_set_arg(struct session *s, struct imap_args *args, struct session_set *out)
{
	struct imap_seqset set;
	struct slice text;
	enum rc rc;

	if (!imap_args_atom(args, &text)) {
		session_bad(s, "Invalid arguments");
		return false;
	}
	rc = imap_seqset_parse(text, &s->arena, &set);
	if (rc == RC_SYNTAX) {
		session_bad(s, s->by_uid ? "Invalid uidset" : "Invalid messageset");
		return false;
	}
	if (rc == RC_OK)
		rc = resolve(s, &set, s->by_uid, out);
	if (rc == RC_SYNTAX)
		session_bad(s, "Invalid messageset");
	else if (rc != RC_OK)
		session_no(s, "[LIMIT] Too many messages at once.");
	return rc == RC_OK;
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
