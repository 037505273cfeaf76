/* Anything a logged-in client can say: imapd lives through it, what it answers is well-framed
 * (literals have their bytes, lines their CRLF, no NUL), and it does not matter how the bytes
 * come. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>

#include "imapd/session.h"
#include "lib/base/num.h"
#include "lib/mail/charset.h"
#include "tests/fuzz/fuzz_mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_log(void *arg, bool is_error, const char *text)
{
	(void)arg;
	(void)is_error;
	(void)text;
}

/* The size of the literal that LINE announces at its end, or -1. */
static int64_t literal_of(struct slice line)
{
	size_t at = line.n;
	uint64_t n;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return -1;
	while (at > 0 && line.p[at - 1] != '{')
		at--;
	if (at == 0 || num_u64(slice_sub(line, at, line.n - at - 1), UINT32_MAX, &n) != RC_OK)
		return -1;
	return (int64_t)n;
}

/* A line that is no continuation of one with a literal is untagged, a continuation request, or
 * begins with a tag. */
static void check_framing(struct slice out)
{
	bool inside = false;

	while (out.n > 0) {
		ptrdiff_t lf = slice_chr(out, '\n');
		struct slice line;
		int64_t literal;

		check(lf > 0 && out.p[lf - 1] == '\r');
		line = slice_sub(out, 0, (size_t)lf - 1);
		check(slice_chr(line, '\r') < 0 && !slice_has_nul(line));
		check(inside || (line.n > 2 && slice_chr(line, ' ') > 0));
		out = slice_skip(out, (size_t)lf + 1);
		literal = literal_of(line);
		check(literal < 0 || (uint64_t)literal <= out.n);
		inside = literal >= 0;
		if (inside) {
			check(!slice_has_nul(slice_sub(out, 0, (size_t)literal)));
			out = slice_skip(out, (size_t)literal);
		}
	}
}

static size_t serve(struct slice in, size_t step)
{
	struct fuzz_client client = { .in = in, .step = step };
	char location[160];
	const struct session_greeting greeting = { .tag = SLICE_LIT("l") };
	const struct session_conf conf = {
		.user = "u", .ns = { .prefix = SLICE_LIT(""), .separator = '.' },
		.store = { .location = location, .hostname = "host", .no_fsync = true },
		.capability = SLICE_LIT("IMAP4rev1"), .id = SLICE_LIT("NIL"),
		.max_line_bytes = 4096, .idle_notify_ms = 1000, .autologout_ms = 1000,
		.log = no_log,
	};
	struct session s;
	struct err err = { 0 };
	size_t n;

	fuzz_mailbox_init();
	snprintf(location, sizeof(location), "maildir:%s", fuzz_root);
	buf_init(&client.out, FUZZ_OUT_MAX);
	check(session_init(&s, &conf, &fuzz_client_ops, &client, &err) == RC_OK);
	session_run(&s, &greeting);
	session_done(&s);
	check_framing(buf_slice(&client.out));
	n = buf_len(&client.out);
	buf_done(&client.out);
	fuzz_mailbox_done();
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_warm;
	struct slice in = slice_make(data, size);
	size_t n;

	if (!is_warm)
		charset_warm();
	is_warm = true;
	n = serve(in, SIZE_MAX);
	/* Dates of now have one length, so the lengths say enough. */
	check(serve(in, 1) == n);
	return 0;
}
