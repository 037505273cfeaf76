/* postlogd/line.h - one line of the log file: "Sep  1 10:00:00 host tag[n]: text".
 *
 * Pure but for the clock's zone. What came in a packet is data of somebody else: control
 * characters become question marks, a packet is one line whatever it holds. */
/* SPDX-License-Identifier: ISC */
#ifndef POSTLOGD_LINE_H
#define POSTLOGD_LINE_H

#include <time.h>

#include "lib/base/buf.h"

enum { LINE_HEAD_MAX = 16 + 65 + 1 };	/* what line_add() puts before the packet */

struct line_head {
	time_t second;		/* what STAMP says; 0: nothing yet */
	char stamp[17];		/* "Sep  1 10:00:00 " */
	char host[65];		/* without domain, and a blank */
};

/* HOSTNAME is myhostname, as in Postfix's own log files. Reads the zone's file. */
void line_head_init(struct line_head *h, const char *hostname);

void line_add(struct buf *out, struct line_head *h, time_t now, struct slice packet);

#endif
