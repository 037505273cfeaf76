/* SPDX-License-Identifier: ISC */
#include "lib/queue/logline.h"

#include <inttypes.h>

enum { USEC = 1000000 };

static int decimals_for(int64_t us)
{
	if (us >= 10 * USEC)
		return 0;
	return us >= USEC ? 1 : 2;
}

void delivery_delay_put(struct buf *out, int64_t us)
{
	static const int64_t unit[] = { USEC, USEC / 10, USEC / 100 };
	int n, hundredths;

	if (us < 0)
		us = 0;
	n = decimals_for(us);
	us = (us + unit[n] / 2) / unit[n] * unit[n];
	hundredths = (int)(us % USEC / (USEC / 100));
	buf_addf(out, "%" PRId64, us / USEC);
	if (hundredths % 10 != 0)
		buf_addf(out, ".%02d", hundredths);
	else if (hundredths != 0)
		buf_addf(out, ".%d", hundredths / 10);
}

static void put_delays(struct buf *out, const struct delivery_times *t)
{
	const int64_t at[] = { t->arrived_us, t->active_us, t->handed_us, t->connected_us,
			       t->done_us };
	int64_t last = at[0];

	buf_adds(out, ", delay=");
	delivery_delay_put(out, t->done_us - t->arrived_us);
	buf_adds(out, ", delays=");
	for (int i = 1; i < 5; i++) {
		int64_t now = at[i] != 0 ? at[i] : last;

		if (i > 1)
			buf_addc(out, '/');
		delivery_delay_put(out, now - last);
		last = now;
	}
}

void delivery_line_put(struct buf *out, const struct delivery_line *l)
{
	buf_addf(out, "to=<%.*s>", SLICE_ARG(l->to));
	if (l->orig_to.n > 0 && !slice_ieq(l->orig_to, l->to))
		buf_addf(out, ", orig_to=<%.*s>", SLICE_ARG(l->orig_to));
	buf_addf(out, ", relay=%s", l->relay);
	put_delays(out, &l->times);
	buf_addf(out, ", dsn=%.*s, status=%s (%.*s)", SLICE_ARG(l->dsn), l->status,
		 SLICE_ARG(l->text));
}
