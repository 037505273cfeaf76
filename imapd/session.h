/* imapd/session.h - one logged-in IMAP session: its state, and what commands use of it.
 *
 * Straight-line blocking code in a process of its own. Commands are functions of a table
 * (command.c). A command leaves its answer with session_ok() and the like; it is sent, tagged,
 * after the untagged responses of the synchronisation that follows each command (sync.h). */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_SESSION_H
#define IMAPD_SESSION_H

#include "lib/sys/client.h"
#include "imapd/message.h"
#include "lib/imap/mailbox.h"
#include "lib/imap/parser.h"
#include "lib/store/append.h"

/* What is left of a session that sleeps (sleep.h). */
struct session_rest {
	struct slice state;
	int dirs[STORE_DIRS_MAX];	/* open; a name changes there when the mailbox does */
	size_t n_dirs;
	const char *last_line;		/* for the log, should the system stop meanwhile */
};

/* Borrowed for the session's life. */
struct session_conf {
	const char *user;
	struct store_options store;
	struct imap_namespace ns;
	struct slice capability;	/* after login */
	struct slice id;		/* answer to ID */
	size_t max_line_bytes;		/* imap_max_line_length */
	int64_t idle_notify_ms;		/* imap_idle_notify_interval; 0: never */
	int64_t autologout_ms;		/* 30 minutes (RFC 3501, 5.4) */
	int64_t sleep_after_ms;		/* imap_hibernate_timeout; 0: sessions keep their process */
	/* Somebody keeps the session until its client or a directory wakes it; false: nobody. */
	bool (*sleep)(void *arg, const struct session_rest *rest);
	void *sleep_arg;
	void (*log)(void *arg, bool is_error, const char *text);
	void *log_arg;
};

/* One APPEND between its literal and its end. */
struct append {
	bool is_refused;	/* its literal never comes; result is the answer */
	bool is_read;		/* its literal was read, into tx unless that failed */
	struct store_append *tx;
	char *error;		/* the answer if it failed; heap */
};
void append_done(struct append *a);	/* takes back what was not committed */

/* How the login command is to be answered. */
struct session_greeting {
	struct slice tag;
	bool tell_capability;
};

enum session_state { SESSION_AUTHENTICATED = 1, SESSION_SELECTED = 2, SESSION_OVER = 4 };

/* What may change in the client's view behind a command. */
enum session_sync { SYNC_NONE, SYNC_KEEP_NUMBERS, SYNC_ALL };

struct session_stats {
	uint64_t deleted, expunged, hdr_count, hdr_bytes, body_count, body_bytes;
};

struct session {
	const struct session_conf *conf;
	struct client client;
	struct imap_parser parser;
	struct arena arena;		/* lives for one command */
	struct arena scratch;		/* lives for one call */
	struct store *store;
	enum session_state state;	/* moved by session_set_state() only */
	struct store_box *box;		/* SELECTED */
	char box_name[STORE_NAME_MAX + 1];
	unsigned box_mode;		/* as it was opened: 0 or STORE_BOX_READONLY */
	struct message_cache message;	/* the one read last */
	struct buf told_flags;		/* the FLAGS lines told last */
	unsigned again_ms;		/* the store wants to be asked again after this time */
	char command[32];		/* name, for error texts; as sent if unknown */
	bool by_uid;			/* UID FETCH and the like */
	enum session_sync sync;		/* behind the running command */
	struct buf result;		/* "OK Done." of the running command */
	char tag[IMAP_TAG_MAX + 1];	/* of the running command; empty: it had none */
	struct append append;		/* the APPEND under way */
	unsigned n_bad;			/* in a row */
	bool said_bye;			/* no answer behind a BYE */
	bool is_asleep;			/* over in this process only */
	const char *reason;		/* why the session ended, for the log */
	struct session_stats stats;
};

/* Open the store. RC_OK also when mail cannot be had now: the caller then tells the client. */
enum rc session_init(struct session *s, const struct session_conf *conf,
		     const struct client_ops *ops, void *self, struct err *err);
void session_done(struct session *s);

/* Say that login succeeded, then serve until the end. Logs the last line, unless S fell asleep. */
void session_run(struct session *s, const struct session_greeting *greeting);

/* The same for a session that wakes up (session_wake_up()): go on with its IDLE. */
void session_run_on(struct session *s);

/* The line that the log gets when S ends for REASON. */
enum { SESSION_LAST_LINE_MAX = 500 };
void session_last_line(const struct session *s, const char *reason, struct buf *out);

void session_set_state(struct session *s, enum session_state state);

/* --- answers: the last one counts --- */
void session_ok(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void session_no(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void session_bad(struct session *s, const char *why);

/* NO with a response code that fits RC; NAME is the mailbox it is about (client's form). System
 * failures are logged and told in general words. */
void session_fail(struct session *s, enum rc rc, const struct err *err, struct slice name);

/* One untagged line: "* " and the text. */
void session_untagged(struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Untagged BYE, and the end. REASON goes to the log. */
void session_bye(struct session *s, const char *text, const char *reason);

/* The selected mailbox is no more. */
void session_bye_deleted(struct session *s);

/* --- reading commands (command.c) --- */

/* Read one command and run it. */
void session_step(struct session *s);

/* As if IDLE, with the tag in S, had just been read; answers it when it ends. */
void session_step_idle(struct session *s);

/* Wait for a line that is no command (imap_parser_expect_line() was called). RC_OK: it is in
 * imap_parser_line(); RC_SYNTAX: a bad one; RC_END: client gone; RC_MORE: not yet, but WATCH_FD is
 * readable or TIMEOUT_MS have passed, as *RET_WAKE says. */
enum rc session_read_line(struct session *s, int watch_fd, int64_t timeout_ms,
			  unsigned *ret_wake);

/* Close the selected mailbox, if any. */
void session_close_box(struct session *s);

#endif
