/* lib/sasl/mech.h - what mechanisms need of the exchange; for files of this folder only. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SASL_MECH_H
#define LIB_SASL_MECH_H

#include "lib/sasl/sasl.h"

/* Copy IN, at most MAX bytes without NUL, into the exchange's memory. */
bool sasl_keep(struct sasl_server *s, struct slice in, size_t max, struct slice *out);

enum sasl_next sasl_plain_step(struct sasl_server *s, struct slice in);
enum sasl_next sasl_login_step(struct sasl_server *s, struct slice in);

#endif
