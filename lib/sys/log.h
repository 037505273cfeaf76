/* lib/sys/log.h - the one way a program says something to the administrator.
 *
 * The default form is Postfix's (and Dovecot's) line, byte for byte where tools parse it:
 * "postfix/smtpd[SESSION]: QUEUEID: text". A chain of contexts (program, session, queue id)
 * adds its parts itself. The sink escapes control bytes of the whole text. No caller formats a
 * password: nothing here can tell. Lines that cannot be sent wait (32 KB) for room, or for a new
 * descriptor when the peer went away; what does not fit is dropped and counted, and the count is
 * logged when the sink takes lines again. A full socket is waited for, half of each second at most
 * while its reader goes on; 100 ms when it does not. A forked child starts with nothing pending. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_LOG_H
#define LIB_SYS_LOG_H

#include <stdint.h>

#include "lib/base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR,
		 LOG_LEVEL_FATAL, LOG_LEVEL_PANIC };

enum log_sink {
	LOG_SINK_STDERR,	/* "postfix/smtpd: text" for commands and tests */
	LOG_SINK_SYSLOG,	/* datagram in RFC 3164 form on FD */
	LOG_SINK_POSTLOG	/* packets of lines "tag[n]: text" on FD; postlogd adds the rest */
};

/* One link of the chain. Embedded in sessions and messages; borrowed pointers must outlive it.
 * Any part may be absent (0, NULL or empty). */
struct log_ctx {
	const struct log_ctx *parent;
	uint64_t session;		/* number in brackets instead of the process id */
	struct slice queue_id;		/* "NOQUEUE" or an id, put before the text */
};

/* TAG as printed before the bracket ("postfix/smtpd", "imap-login"); copied. FD is taken over
 * for the socket sinks, ignored for stderr. FACILITY is a syslog facility (LOG_MAIL). */
void log_open(enum log_sink sink, int fd, const char *tag, int facility);

/* For commands: what goes to standard error goes to the datagram socket FD too, in the form of KIND
 * and with PREFIX before the tag's last part ("postfix/sendmail"). FD is taken over; what it does
 * not take is lost. */
void log_copy_to(enum log_sink kind, int fd, const char *prefix, int facility);

/* From here on the lines have Dovecot's form: "dovecot: WHO: text", without a number in brackets.
 * WHO is "imap-login", "auth", "imap(USER)<PID><SESSION>"; copied; what a peer put into it is
 * escaped. For the programs of mail access, whose lines fail2ban and others read by that form. */
void log_as_dovecot(const char *who);

/* Replace the descriptor after master sent a new one (syslog restarted). */
void log_set_fd(int fd);
int log_fd(void);

/* In a forked child: its lines go to FD from now on. What the parent could not send stays the
 * parent's. Nothing changes when lines go to standard error. */
void log_become_child(int fd);

/* Finished lines of such a child (one packet of it), through this process's sink. */
void log_relay(const char *packet, size_t n);

/* Called when the sink's peer went away, again once a second while lines wait; the daemon skeleton
 * asks master for a new one. Without it such lines are dropped. */
void log_on_lost(void (*lost)(void));

/* The number of a syslog facility: "mail", "local0"; LOG_MAIL for a name nobody knows. */
int log_facility(const char *name);

/* Lines to postlogd wait for log_flush(), which a loop daemon calls once a round: all lines of a
 * round leave in one packet of at most LOG_PACKET_MAX bytes. */
enum { LOG_PACKET_MAX = 8192 };
void log_batch(bool on);
void log_flush(void);

/* True when the reader is gone and lines wait for log_set_fd(). */
bool log_is_waiting(void);

/* True while lines wait: who is about to sleep wakes again for them. */
bool log_is_pending(void);

/* Before the end of a process: wait until the sink has taken what waits, at most MS. */
void log_finish(int ms);

void log_set_verbose(int level);	/* -v count; above 0 debug lines are sent */

/* CTX may be NULL. Levels above INFO get Postfix's prefix: "warning: ", "error: ", "fatal: ". */
void log_at(enum log_level level, const struct log_ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_debug(ctx, ...) log_at(LOG_LEVEL_DEBUG, ctx, __VA_ARGS__)
#define log_info(ctx, ...) log_at(LOG_LEVEL_INFO, ctx, __VA_ARGS__)
#define log_warn(ctx, ...) log_at(LOG_LEVEL_WARNING, ctx, __VA_ARGS__)
#define log_error(ctx, ...) log_at(LOG_LEVEL_ERROR, ctx, __VA_ARGS__)

/* "text: detail" of ERR at warning level. */
void log_err(const struct log_ctx *ctx, const struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Log at fatal level and exit, with 1 unless set. Programs only, at start; libraries never call
 * it. */
void log_set_fatal_status(int status);
void log_fatal(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
