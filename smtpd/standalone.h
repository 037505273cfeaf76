/* smtpd/standalone.h - "smtpd -S": SMTP on standard input and output, for sendmail -bs.
 *
 * Runs as the user who called sendmail, blocks, and hands messages to postdrop as sendmail does.
 * No restriction applies: who may run sendmail may submit mail. */
/* SPDX-License-Identifier: ISC */
#ifndef SMTPD_STANDALONE_H
#define SMTPD_STANDALONE_H

#include <stdbool.h>

/* Is -S among the arguments? */
bool standalone_is_wanted(int argc, char **argv);
int standalone_main(int argc, char **argv);

#endif
