/* lib/deliver/command.h - deliver a message to a command: start it, feed it, judge how it ended.
 *
 * Blocking, in a job that is the user and serves commands only. The command gets the message on
 * standard input, and its output is kept for the report. It runs in a session of its own, which
 * is killed when the time is up, and when this process is told to end (SIGTERM). Simple commands
 * are executed directly, others by the shell. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DELIVER_COMMAND_H
#define LIB_DELIVER_COMMAND_H

#include "lib/deliver/message.h"

enum { COMMAND_OUTPUT_MAX = 4096, COMMAND_ARGS_MAX = 256 };

struct command {
	const char *line;
	const char *shell;		/* local_command_shell; NULL or "": none */
	const char *directory;
	char **environment;		/* NULL-ended */
	struct slice from;		/* "From " line */
	const struct message *m;
	int64_t limit_ms;
	uint64_t limit_bytes;		/* of each file it writes; 0: none */
};

/* OUT is always set; "delivered to command: LINE" on success. */
void command_run(const struct command *c, char *block, struct outcome *out);

/* Words of LINE in ARGV (which then borrows from COPY, of at least LINE's size), NULL-ended; 0
 * when only the shell can run it: a character with a meaning, or more than MAX - 1 words. */
size_t command_split(const char *line, char *copy, char **argv, size_t max);

#endif
