/* lib/mail/cfws.h - comments and white space between the tokens of structured fields (RFC 5322,
 * 3.2.2). An unclosed comment reaches to the end. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_CFWS_H
#define LIB_MAIL_CFWS_H

#include "lib/base/slice.h"

void cfws_skip(struct slice *s);

/* True, and S behind it, when C comes next. */
bool cfws_take(struct slice *s, char c);

#endif
