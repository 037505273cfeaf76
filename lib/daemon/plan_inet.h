/* lib/daemon/plan_inet.h - the addresses of an inet service; private to lib/daemon. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_PLAN_INET_H
#define LIB_DAEMON_PLAN_INET_H

#include <sys/socket.h>

#include "lib/conf/maincf.h"

struct inet_address {
	char text[80];			/* "127.0.0.1:25", "[::1]:25" */
	struct sockaddr_storage addr;
	socklen_t addr_len;
};

/* NAME is port, host:port or [address]:port. Without a host the addresses are those of
 * inet_interfaces; always only families of inet_protocols. ADD returns false to stop. */
enum rc plan_inet_addresses(const struct conf *c, const char *name,
			    bool (*add)(void *ctx, const struct inet_address *a), void *ctx,
			    struct err *err);

#endif
