/* lib/base/rc.h - result codes and error detail, the only way a function here reports failure.
 *
 * Pure. The sign and class of a code decide what happens to mail: RC_TEMP and RC_SYS are
 * temporary (4xx, keep and retry), RC_PERM, RC_DENIED, RC_SYNTAX and RC_LIMIT are permanent
 * unless the caller knows better (RC_LIMIT of a resource is 452, of a message 552). */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_BASE_RC_H
#define LIB_BASE_RC_H

#include <stdbool.h>

enum [[nodiscard]] rc {
	RC_OK = 0,
	RC_MORE = 1,	/* more input (or another call) is needed */
	RC_END = 2,	/* end of input, not found: an answer, not a failure */
	RC_SYNTAX = -1,
	RC_LIMIT = -2,
	RC_DENIED = -3,
	RC_TEMP = -4,
	RC_PERM = -5,
	RC_SYS = -6
};

enum { ERR_TEXT_MAX = 512, ERR_DSN_MAX = 12 };

/* Filled on failure only; the first cause wins, callers on the way up add context. */
struct err {
	enum rc code;
	int sys_errno;			/* 0 when no system call failed */
	char dsn[ERR_DSN_MAX];		/* "4.3.0"; empty when none was set */
	char text[ERR_TEXT_MAX];	/* one line, no newline */
};

/* Set code and text unless ERR already holds a cause or is NULL. Return CODE, so that
 * `return err_set(err, RC_SYNTAX, "...")` reads well. */
enum rc err_set(struct err *err, enum rc code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a failed system call: RC_SYS, errno and its text appended. */
enum rc err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Set the RFC 3463 status that goes with the error, unless one is set. */
void err_dsn(struct err *err, const char *dsn);

/* Put "CONTEXT: " in front of the text. */
void err_context(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

const char *rc_name(enum rc code);

/* True for codes after which the same request may succeed later. */
static inline bool rc_is_temporary(enum rc code)
{
	return code == RC_TEMP || code == RC_SYS;
}

#endif
