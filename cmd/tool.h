/* cmd/tool.h - what every command line tool does first: its name, its configuration.
 *
 * Messages go to standard error as "postmap: fatal: text", and once the configuration is known to the
 * log as "postfix/postmap[123]: fatal: text", where the caller may reach it. Functions here may end
 * the program. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_TOOL_H
#define CMD_TOOL_H

#include "lib/conf/param.h"

/* Log to standard error under NAME; notes of tables become warnings. What is fatal ends the program
 * with FATAL_STATUS. */
void tool_init(const char *name, int fatal_status);

/* The configuration directory: ARG (of -c), else MAIL_CONFIG, else the compiled one. In a
 * set-group-ID program a directory that main.cf of the compiled one does not name in
 * alternate_config_directories or multi_instance_directories is fatal. */
const char *tool_config_dir(const char *arg);

/* main.cf of DIR. Notes are printed as warnings; faults are printed, all of them, and end the
 * program. */
struct conf *tool_conf(const char *dir);

/* From here on messages go to the log that C names too. */
void tool_log(const struct conf *c);

/* Expanded, checked values of single parameters; a bad value ends the program. Free the text. */
char *tool_param(const struct conf *c, const char *name);
bool tool_param_bool(const struct conf *c, const char *name);

#endif
