/* lib/conf/networks.h - the networks this host is in, for the default of mynetworks.
 *
 * Asks the kernel for the interfaces' addresses. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_NETWORKS_H
#define LIB_CONF_NETWORKS_H

#include "lib/base/buf.h"

/* STYLE is host, subnet or class; INTERFACES and PROTOCOLS are inet_interfaces and
 * inet_protocols. Appends "127.0.0.0/8 [::1]/128 ..." to OUT, IPv4 first. */
void networks_of_interfaces(const char *style, const char *interfaces, const char *protocols,
			    struct buf *out);

#endif
