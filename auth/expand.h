/* auth/expand.h - Dovecot's %variables in locations, homes and formats of names.
 *
 * Pure. %u user, %n its part before the first @, %d the part behind it, %h home, %s service,
 * %r remote and %l local address, %i uid, %g gid, %%; the same by name: %{user} %{username}
 * %{domain} %{home} %{service} %{rip} %{lip} %{uid} %{gid}. Between % and the letter may stand: a
 * position and width as [OFFSET.]WIDTH (%1n: first letter of the name; a negative offset counts
 * from the end), then L or U for lower or upper case. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_EXPAND_H
#define AUTH_EXPAND_H

#include "lib/base/buf.h"

/* A slice whose p is NULL has no value. */
struct expand_vars {
	struct slice user, home, service, remote_addr, local_addr, uid, gid;
};

/* Append TEXT expanded to OUT. RC_SYNTAX: no such variable; RC_END: a variable that has no value
 * here; RC_LIMIT: OUT is full. */
enum rc expand(struct slice text, const struct expand_vars *vars, struct buf *out, struct err *err);

#endif
