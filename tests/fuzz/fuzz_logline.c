/* SPDX-License-Identifier: ISC */
/* What anybody sends to the log becomes exactly one line without control characters, in our own
 * sink and in postlogd. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "postlogd/line.h"

static int receiver = -1;

static void open_sink(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) != 0)
		abort();
	receiver = fds[0];
	log_open(LOG_SINK_POSTLOG, fds[1], "postfix/fuzz", LOG_MAIL);
}

static void must_be_clean(struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if (char_is_cntrl(line.p[i]))
			abort();
}

static void try_sink(struct slice in)
{
	static const char head[] = "postfix/fuzz[7]: ";
	struct log_ctx ctx = { .session = 7 };
	char mem[4096];
	ssize_t n;

	log_info(&ctx, "%.*s", SLICE_ARG(in));
	n = recv(receiver, mem, sizeof(mem), MSG_DONTWAIT);
	if (n < (ssize_t)(sizeof(head) - 1) || memcmp(mem, head, sizeof(head) - 1) != 0)
		abort();
	must_be_clean(slice_make(mem, (size_t)n));
}

static void try_postlogd(struct slice in)
{
	struct line_head head;
	struct slice line;
	struct buf b;

	line_head_init(&head, "mx.demo.test");
	buf_init(&b, in.n + LINE_HEAD_MAX + 1);
	line_add(&b, &head, 1756720800, in);
	line = buf_slice(&b);
	if (buf_finish(&b) != RC_OK || (line.n > 0 && line.p[line.n - 1] != '\n'))
		abort();
	if (line.n > 0)
		must_be_clean(slice_sub(line, 0, line.n - 1));
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);

	if (receiver < 0)
		open_sink();
	try_sink(in);
	try_postlogd(in);
	return 0;
}
