/* Anything a logged-in POP3 client can say: pop3d lives through it, every answer is +OK or -ERR or a
 * dot-terminated body, and it does not matter how the bytes come. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>

#include "pop3d/session.h"
#include "tests/fuzz/fuzz_mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_log(void *arg, bool is_error, const char *text)
{
	(void)arg;
	(void)is_error;
	(void)text;
}

/* What looks like a status line and is none stands in a body, which ends with a dot. */
static void check_framing(struct slice out)
{
	bool in_body = false;

	while (out.n > 0) {
		ptrdiff_t lf = slice_chr(out, '\n');
		struct slice line;

		check(lf > 0 && out.p[lf - 1] == '\r');
		line = slice_sub(out, 0, (size_t)lf - 1);
		out = slice_skip(out, (size_t)lf + 1);
		if (slice_is(line, "."))
			in_body = false;
		else if (!slice_starts(line, SLICE_LIT("+OK")) &&
			 !slice_starts(line, SLICE_LIT("-ERR")))
			in_body = true;
	}
	check(!in_body);
}

static void serve(struct slice in, size_t step, struct buf *ret_out)
{
	struct fuzz_client client = { .in = in, .step = step };
	char location[160];
	const struct session_conf conf = {
		.store = { .location = location, .hostname = "host", .no_fsync = true },
		.uidl_format = SLICE_LIT("%08Xu%08Xv"), .idle_ms = 1000, .log = no_log,
	};

	fuzz_mailbox_init();
	snprintf(location, sizeof(location), "maildir:%s", fuzz_root);
	buf_init(&client.out, FUZZ_OUT_MAX);
	check(session_run(&conf, &fuzz_client_ops, &client) == 0);
	check_framing(buf_slice(&client.out));
	fuzz_mailbox_done();
	*ret_out = client.out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	struct buf whole, bytewise;

	serve(in, SIZE_MAX, &whole);
	serve(in, 1, &bytewise);
	check(slice_eq(buf_slice(&whole), buf_slice(&bytewise)));
	buf_done(&bytewise);
	buf_done(&whole);
	return 0;
}
