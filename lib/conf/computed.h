/* lib/conf/computed.h - parameters whose default is found out, not declared.
 *
 * myhostname, mydomain, mynetworks, config_directory, process_name, process_id; and myorigin
 * when it names a file (Debian's habit: its first line is the name). Values are made when first
 * asked for and kept until the configuration changes. Asks the kernel for host name and
 * addresses, so daemons ask before they confine themselves. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONF_COMPUTED_H
#define LIB_CONF_COMPUTED_H

#include "lib/conf/maincf.h"

struct computed;

struct computed *computed_new(const struct conf *c);
void computed_free(struct computed **k);

/* The configuration changed: compute again when asked. */
void computed_forget(struct computed *k);

/* The value when main.cf does not set NAME; false when NAME is not one of these. */
bool computed_value(struct computed *k, struct slice name, struct slice *ret);

/* The value that stands instead of a set one: the line of the file that myorigin names. */
bool computed_file_value(struct computed *k, struct slice name, struct slice *ret);

#endif
