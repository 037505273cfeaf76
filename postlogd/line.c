/* SPDX-License-Identifier: ISC */
#include "postlogd/line.h"

#include <stdio.h>

void line_head_init(struct line_head *h, const char *hostname)
{
	int n = (int)strcspn(hostname, ".");

	*h = (struct line_head){ 0 };
	tzset();
	if (n > (int)sizeof(h->host) - 2)
		n = (int)sizeof(h->host) - 2;
	snprintf(h->host, sizeof(h->host), "%.*s ", n, hostname);
}

static void set_stamp(struct line_head *h, time_t now)
{
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(h->stamp, sizeof(h->stamp), "%b %e %H:%M:%S ", &tm);
	h->second = now;
}

void line_add(struct buf *out, struct line_head *h, time_t now, struct slice packet)
{
	while (packet.n > 0 && (packet.p[packet.n - 1] == '\n' || packet.p[packet.n - 1] == '\0'))
		packet.n--;
	if (packet.n == 0)
		return;
	if (now != h->second)
		set_stamp(h, now);
	buf_adds(out, h->stamp);
	buf_adds(out, h->host);
	for (size_t i = 0; i < packet.n;) {
		size_t clean = i;

		while (clean < packet.n && !char_is_cntrl(packet.p[clean]))
			clean++;
		buf_add(out, slice_sub(packet, i, clean - i));
		if (clean < packet.n)
			buf_addc(out, '?');
		i = clean + 1;
	}
	buf_addc(out, '\n');
}
