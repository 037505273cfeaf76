/* cmd/userask.h - userdb: tables for tools: auth of the running instance is asked, and waited for. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_USERASK_H
#define CMD_USERASK_H

#include "lib/conf/maincf.h"

/* C must outlive the questions. */
void userask_use(const struct conf *c);

#endif
