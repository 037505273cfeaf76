/* tests/lib/test_transcript.c - the transcript runner finds what it is there to find.
 *
 * The protocol here answers each line LF or CRLF with "ok LINE", "quit" closes, "crlf" answers in
 * a way that depends on how bytes arrive (which a real engine must not). */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "tests/lib/transcript.h"
#include "tests/unit/unit.h"

struct echo {
	struct buf in;
	bool closed;
	int64_t now_ms;
};

static void *echo_open(const struct transcript_conf *conf, size_t n, struct transcript_io *io)
{
	struct echo *e;

	for (size_t i = 0; i < n; i++)
		if (!slice_is(conf[i].name, "greeting"))
			return NULL;
	e = mem_new(1, sizeof(*e));
	buf_init(&e->in, 1 << 20);
	if (n > 0) {
		buf_add(io->out, conf[0].value);
		buf_adds(io->out, "\r\n");
	}
	return e;
}

static void echo_line(struct echo *e, struct slice line, size_t read_size,
		      struct transcript_io *io)
{
	if (slice_is(line, "size"))
		buf_addf(io->out, "read %zu\r\n", read_size);
	else if (slice_is(line, "sidesize"))
		buf_addf(io->side, "read %zu\n", read_size);
	else
		buf_addf(io->out, "ok %.*s %zu\r\n", SLICE_ARG(line), line.n);
	buf_addf(io->side, "line %.*s\n", SLICE_ARG(line));
	e->closed = e->closed || slice_is(line, "quit");
}

static void echo_input(void *self, struct slice bytes, struct transcript_io *io)
{
	struct echo *e = self;
	ptrdiff_t lf;

	buf_add(&e->in, bytes);
	while ((lf = slice_chr(buf_slice(&e->in), '\n')) >= 0) {
		struct slice line = slice_sub(buf_slice(&e->in), 0, (size_t)lf);

		echo_line(e, slice_trim_space(line), bytes.n, io);
		buf_consume(&e->in, (size_t)lf + 1);
	}
}

static void echo_eof(void *self, struct transcript_io *io)
{
	(void)self;
	buf_adds(io->out, "bye\r\n");
}

static void echo_tick(void *self, int64_t ms, struct transcript_io *io)
{
	struct echo *e = self;

	e->now_ms += ms;
	buf_addf(io->out, "now %lld\r\n", (long long)e->now_ms);
}

static bool echo_event(void *self, struct slice text, struct transcript_io *io)
{
	(void)self;
	buf_addf(io->out, "event %.*s\r\n", SLICE_ARG(text));
	return !slice_is(text, "unknown");
}

static bool echo_is_closed(void *self)
{
	return ((struct echo *)self)->closed;
}

static void echo_close(void *self)
{
	struct echo *e = self;

	buf_done(&e->in);
	free(e);
}

static const struct transcript_ops echo = { echo_open,  echo_input,     echo_eof,  echo_tick,
					    echo_event, echo_is_closed, echo_close };

static const struct {
	const char *text;
	const char *report;	/* part of it; NULL: must pass */
} cases[] = {
	{ "C: a\nS: ok a 1\n", NULL },
	{ "# c\n\nC: a\nS= ok a 1\n", NULL },
	{ "conf greeting = hi there\nS= hi there\nC: a b\nS: /^ok a b [0-9]+$/\n", NULL },
	{ "C: a\nC: b\nS: ok a\nS: ok b\n", NULL },
	{ "C: a\nS: ok a\nC: b\nS: ok b\nclosed\n", "has not closed" },
	{ "C: quit\nS: ok\nclosed\n", NULL },
	{ "C~ a\\x41\\\\\\<5*xy>\\r\\n\nS= ok aA\\xyxyxyxyxy 13\n", NULL },
	{ "C:\nS= ok  0\n", NULL },
	{ "C: a\nE= line a\nS: ok\nC: b\nE: /b$/\nS: ok\n", NULL },
	{ "C: a\nwait\nC: b\nS: ok a\nS: ok b\n", NULL },
	{ "tick 2s\nS= now 2000\ntick 5ms\nS= now 2005\nevent new mail\nS= event new mail\n", NULL },
	{ "eof\nS: bye\n", NULL },
	{ "C: a\nS: ok b\n", "t:2: wanted \"ok b\", got \"ok a 1\"" },
	{ "C: a\nS= ok a\n", "got \"ok a 1\"" },
	{ "C: a\nS: /b/\n", "got \"ok a 1\"" },
	{ "C: a\n", "unexpected output: ok a" },
	{ "C: a\nC: b\nS: ok a\nC: c\nS: ok b\nS: ok c\n", "t:4: unexpected output: ok b" },
	{ "C: a\nS: ok\nS: ok\n", "got nothing" },
	{ "C~ half\nS: ok\n", "got nothing" },
	{ "C: a\nE: line a\nS: ok\nC: b\nS: ok\n", "unexpected on the side channel" },
	{ "C: size\nS: read\n", "output differs" },
	{ "C: sidesize\nE: read\nE: line\n", "side channel differs" },
	{ "conf nonsense = 1\nC: a\nS: ok\n", "does not open" },
	{ "event unknown\nS: event\n", "unknown event" },
	{ "Q: a\n", "unknown line" },
	{ "C~ \\q\n", "bad escape" },
	{ "C~ \\<5*\n", "bad escape" },
	{ "tick soon\n", "tick wants" },
	{ "C: a\nS: ok\nconf greeting = x\n", "before all steps" },
	{ "# nothing\n", "no steps" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct buf report;
		bool ok;

		buf_init(&report, 1 << 20);
		ok = transcript_run("t", slice_str(cases[i].text), &echo, &report);
		if (ok != (cases[i].report == NULL))
			fail_msg("case %zu: %s: %s", i, ok ? "passed" : "failed", buf_cstr(&report));
		if (!ok && strstr(buf_cstr(&report), cases[i].report) == NULL)
			fail_msg("case %zu: report is: %s", i, buf_cstr(&report));
		buf_done(&report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
