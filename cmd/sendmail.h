/* cmd/sendmail.h - what sendmail was asked for, and the submission of a message. */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_SENDMAIL_H
#define CMD_SENDMAIL_H

#include "lib/conf/maincf.h"
#include "lib/queue/envelope.h"

enum sendmail_mode { MODE_ENQUEUE, MODE_MAILQ, MODE_FLUSH, MODE_FLUSH_ID, MODE_FLUSH_SITE,
		     MODE_NEWALIASES, MODE_SMTP, MODE_DAEMON, MODE_NOTHING };

struct sendmail {
	enum sendmail_mode mode;
	const char *config_dir;
	struct conf *conf;
	const char *sender;		/* -f; NULL: the user */
	const char *full_name;		/* -F */
	const char *envid;		/* -V */
	const char *alias_database;	/* -oA */
	const char *flush_what;
	unsigned notify, flags;
	enum queue_ret ret;
	bool ignore_dots, extract, verify, report, is_gateway /* -G */;
	int verbose;
	char **recipients;		/* NULL-ended */
};

/* Read the message from standard input and give it to postdrop. Returns the exit status. */
int sendmail_enqueue(struct sendmail *s);

_Noreturn void sendmail_fatal(int status, const char *text);

#endif
