/* local/macros.h - $user, $home and their kin in forward_path, luser_relay and others, and the
 * environment of commands. Pure. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_MACROS_H
#define LOCAL_MACROS_H

#include "local/config.h"
#include "local/workers.h"

/* What is known of one delivery. Absent values have p == NULL. */
struct delivery_names {
	const struct user_info *user;	/* may be NULL */
	struct slice name;		/* the local part without extension */
	struct slice recipient;		/* complete address */
	struct slice original;
	struct slice local, domain;
	struct slice extension, delimiter;
	struct slice sender;
	struct slice client_address, client_helo, client_hostname, client_protocol;
	struct slice sasl_method, sasl_sender, sasl_username, envid;
};

/* Append TEXT with its names replaced, bytes of values outside FILTER (NULL: none) as "_".
 * RC_END when TEXT refers to a name that has no value, which is then empty in OUT; RC_SYNTAX,
 * RC_LIMIT. */
enum rc macros_expand(const struct delivery_names *n, const char *text, const char *filter,
		      struct buf *out, struct err *err);

/* NAME=VALUE for a command, each with a NUL behind it; bytes outside FILTER become "_". */
void macros_environment(const struct config *c, const struct delivery_names *n, struct buf *out);

#endif
