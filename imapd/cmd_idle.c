/* SPDX-License-Identifier: ISC */
/* IDLE (RFC 2177): look at the mailbox when it may have changed, and tell at once, until DONE. */
#include "imapd/commands.h"

#include "imapd/sleep.h"

enum { LOOK_MS = 15000 };	/* where the system has no watch left for us */

/* Time left until ...; below 0: never. */
struct left {
	int64_t word_ms;	/* the client is sent a line */
	int64_t sleep_ms;	/* the session falls asleep */
};

static int64_t or_never(int64_t ms)
{
	return ms > 0 ? ms : -1;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void pass(int64_t *left, int64_t ms)
{
	if (*left >= 0)
		*left -= ms < *left ? ms : *left;
}

/* What the time or a change calls for. False: the session is over, or goes on without us. */
static bool look_around(struct session *s, int watch, struct left *left)
{
	session_sync(s, SYNC_ALL);
	if (s->state == SESSION_OVER)
		return false;
	if (left->word_ms == 0) {
		session_untagged(s, "OK Still here");
		left->word_ms = s->conf->idle_notify_ms;
	}
	if (left->sleep_ms != 0)
		return true;
	left->sleep_ms = s->conf->sleep_after_ms;
	return !session_fall_asleep(s, watch);
}

/* When to look at the mailbox without being called; below 0: never. */
static int64_t look_ms(const struct session *s, int watch)
{
	if (s->again_ms > 0)
		return s->again_ms;
	return watch < 0 && s->state == SESSION_SELECTED ? LOOK_MS : -1;
}

static int open_watch(struct session *s)
{
	struct err err = { 0 };
	int watch = -1;

	if (s->state == SESSION_SELECTED && store_box_watch(s->box, &watch, &err) != RC_OK)
		s->conf->log(s->conf->log_arg, true, err.text);
	return watch;
}

void session_idle(struct session *s)
{
	struct left left = { or_never(s->conf->idle_notify_ms),
			     or_never(s->conf->sleep_after_ms) };
	int watch = open_watch(s);
	int64_t wait_ms;
	unsigned wake;
	enum rc rc;

	imap_parser_expect_line(&s->parser);
	session_sync(s, SYNC_ALL);
	for (;;) {
		wait_ms = sooner(sooner(left.word_ms, left.sleep_ms), look_ms(s, watch));
		rc = session_read_line(s, watch, wait_ms, &wake);
		if (rc != RC_MORE)
			break;
		if ((wake & CLIENT_TIMEOUT) != 0) {
			pass(&left.word_ms, wait_ms);
			pass(&left.sleep_ms, wait_ms);
		} else {
			left.sleep_ms = or_never(s->conf->sleep_after_ms);
		}
		if (!look_around(s, watch, &left))
			return;
	}
	if (rc == RC_OK && slice_iis(imap_parser_line(&s->parser), "DONE"))
		session_ok(s, "Idle completed.");
	else
		session_bad(s, "Expected DONE");
}

void cmd_idle(struct session *s, struct imap_args args)
{
	if (!session_end_args(s, args))
		return;
	buf_adds(client_out(&s->client), "+ idling\r\n");
	session_idle(s);
}
