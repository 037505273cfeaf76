/* SPDX-License-Identifier: ISC */
#include "lib/base/rc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool err_is_free(const struct err *err)
{
	return err != NULL && err->code == RC_OK;
}

enum rc err_set(struct err *err, enum rc code, const char *fmt, ...)
{
	va_list ap;

	if (err_is_free(err)) {
		err->code = code;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
	}
	return code;
}

enum rc err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	size_t n;

	if (err_is_free(err)) {
		err->code = RC_SYS;
		err->sys_errno = saved;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
		n = strlen(err->text);
		snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(saved));
	}
	errno = saved;
	return RC_SYS;
}

void err_dsn(struct err *err, const char *dsn)
{
	if (err != NULL && err->dsn[0] == '\0')
		snprintf(err->dsn, sizeof(err->dsn), "%s", dsn);
}

void err_context(struct err *err, const char *fmt, ...)
{
	char head[ERR_TEXT_MAX / 2], old[ERR_TEXT_MAX];
	va_list ap;

	if (err == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	memcpy(old, err->text, sizeof(old));
	snprintf(err->text, sizeof(err->text), "%s: %.*s", head,
		 (int)(sizeof(err->text) - strlen(head) - 3), old);
}

const char *rc_name(enum rc code)
{
	switch (code) {
	case RC_OK: return "ok";
	case RC_MORE: return "more";
	case RC_END: return "end";
	case RC_SYNTAX: return "syntax";
	case RC_LIMIT: return "limit";
	case RC_DENIED: return "denied";
	case RC_TEMP: return "temporary";
	case RC_PERM: return "permanent";
	case RC_SYS: return "system";
	}
	return "unknown";
}
