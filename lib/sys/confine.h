/* lib/sys/confine.h - the parts of role_enter(); private to lib/sys. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_CONFINE_H
#define LIB_SYS_CONFINE_H

#include "lib/sys/roles.h"

/* Open the paths and make the rules, as the user who will use them. *RET_FD is -1 when
 * there is nothing to restrict or no Landlock. */
enum rc landlock_prepare(const struct role *role, const struct role_env *env, int *ret_fd,
			 struct err *err);
/* Enforce and close FD; -1 is fine. */
enum rc landlock_enforce(int fd, struct err *err);

enum rc filter_install(const struct filter *f, struct err *err);

#endif
