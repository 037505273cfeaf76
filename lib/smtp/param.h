/* lib/smtp/param.h - ESMTP parameters of MAIL and RCPT.
 * (RFC 1870 SIZE, 3461 DSN, 4954 AUTH, 6152 BODY, 6531 SMTPUTF8)
 *
 * Pure. A parser tells which parameter is wrong and how; the reply is the server's. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SMTP_PARAM_H
#define LIB_SMTP_PARAM_H

#include "lib/base/slice.h"

enum { SMTP_ENVID_MAX = 100, SMTP_ORCPT_MAX = 500, SMTP_AUTH_SENDER_MAX = 255 };

/* What EHLO offers; also the words of smtpd_discard_ehlo_keywords. */
enum smtp_feature {
	SMTP_PIPELINING = 1 << 0,
	SMTP_SIZE = 1 << 1,
	SMTP_VRFY = 1 << 2,
	SMTP_STARTTLS = 1 << 3,
	SMTP_AUTH = 1 << 4,
	SMTP_ENHANCEDSTATUSCODES = 1 << 5,
	SMTP_8BITMIME = 1 << 6,
	SMTP_DSN = 1 << 7,
	SMTP_SMTPUTF8 = 1 << 8,
	SMTP_CHUNKING = 1 << 9
};

enum smtp_param_fault {
	SMTP_PARAM_OK,
	SMTP_PARAM_UNSUPPORTED,
	SMTP_PARAM_BAD_SIZE,
	SMTP_PARAM_HUGE_SIZE,	/* beyond 63 bits */
	SMTP_PARAM_BAD_RET,
	SMTP_PARAM_BAD_ENVID,
	SMTP_PARAM_BAD_AUTH,
	SMTP_PARAM_BAD_NOTIFY,
	SMTP_PARAM_BAD_ORCPT
};

struct smtp_mail_params {
	int64_t size_bytes;	/* 0: not given */
	uint8_t encoding;	/* 0 not given, 7, 8 */
	bool smtputf8;
	uint8_t ret;		/* 0 not given, 1 FULL, 2 HDRS */
	bool has_auth;
	char envid[SMTP_ENVID_MAX + 1];		/* decoded */
	char auth[SMTP_AUTH_SENDER_MAX + 1];	/* decoded; empty for AUTH=<> */
};

/* Bits of NOTIFY; 0 is not given. */
enum { SMTP_NOTIFY_NEVER = 1, SMTP_NOTIFY_SUCCESS = 2, SMTP_NOTIFY_FAILURE = 4,
       SMTP_NOTIFY_DELAY = 8 };

struct smtp_rcpt_params {
	uint8_t notify;
	char orcpt[SMTP_ORCPT_MAX + 1];		/* "rfc822;user@example", decoded */
};

/* ARGS is what follows the path; FEATURES the smtp_feature bits on offer, without which their
 * parameters are unsupported. On a fault *RET_BAD is the parameter as received. */
enum smtp_param_fault smtp_mail_params_parse(struct slice args, unsigned features,
					     struct smtp_mail_params *out, struct slice *ret_bad);
enum smtp_param_fault smtp_rcpt_params_parse(struct slice args, unsigned features,
					     struct smtp_rcpt_params *out, struct slice *ret_bad);

#endif
