/* local/expand.h - from a recipient to what has to be done: aliases, .forward, mailbox.
 *
 * Straight-line over the answers in struct facts; has no effect of its own. RC_MORE: answers are
 * on their way, run it again from the start. The order is Postfix's: alias with extension, alias
 * without, .forward, mailbox_command_maps, mailbox_command, home_mailbox, mail_spool_directory,
 * luser_relay, error. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_EXPAND_H
#define LOCAL_EXPAND_H

#include "local/facts.h"
#include "local/macros.h"

enum action_kind {
	ACTION_MAILBOX,		/* append or put: format, path, place, user */
	ACTION_FILE,		/* the same, named in an alias or .forward */
	ACTION_COMMAND,		/* path is the command line */
	ACTION_FORWARD,		/* path is the address */
	ACTION_SETTLED		/* out is set: an error, or mail that is discarded */
};

struct action {
	struct action *next;
	enum action_kind kind;
	const struct user_info *user;	/* whose rights */
	struct slice path;
	struct slice address, original;	/* the recipient in the end, and before aliases changed it */
	unsigned format;		/* WORK_* */
	enum worker_kind place;
	struct slice dir;		/* for WORKER_FILE and WORKER_VIRTUAL */
	uid_t uid;			/* for WORKER_VIRTUAL */
	gid_t gid;
	bool is_gathered;		/* forward: part of a message */
	struct slice mailbox_user;	/* for messages */
	struct slice sender;		/* envelope sender of what is delivered */
	bool has_owner;			/* SENDER is a list's owner */
	struct slice delivered_to;
	struct slice environment, directory;	/* of a command */
	struct outcome out;
};

struct plan {
	struct action *first, *last;
	size_t n;
	bool is_expanded;	/* an alias or .forward was used */
	struct slice warning;	/* for the log; n == 0: none */
};

/* One recipient and its message. */
struct expand_input {
	const struct config *config;
	struct slice address, original;
	struct delivery_names names;	/* what does not depend on the recipient's aliases */
};

/* Into OUT (zeroed here), from F's arena. RC_LIMIT: the arena is full or there are too many. */
enum rc expand_recipient(const struct expand_input *in, struct facts *f, struct plan *out,
			 struct err *err);

#endif
