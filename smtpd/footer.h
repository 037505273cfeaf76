/* smtpd/footer.h - smtpd_reject_footer: what is added to the text of each 4xx and 5xx reply.
 *
 * A template in main.cf, or from tables asked for the whole reply. "\n" in it begins a new line,
 * "\c" at its start keeps it on the reply's last line. One that cannot be filled in is left out. */
/* SPDX-License-Identifier: ISC */
#ifndef SMTPD_FOOTER_H
#define SMTPD_FOOTER_H

#include "lib/smtp/reply.h"
#include "lib/sys/log.h"
#include "lib/table/match.h"

struct footer {
	const char *text;	/* smtpd_reject_footer */
	struct table_list maps;	/* smtpd_reject_footer_maps */
};

/* $client_address and so on, now. */
struct footer_facts {
	const char *client_address, *client_port, *server_name;
	int64_t now_s;
	const struct log_ctx *log;
};

/* TEXT is borrowed. Tables of other programs are faults: a reply does not wait. */
void footer_load(const struct conf *c, const char *text, const struct str_list *maps,
		 struct footer *out, struct faults *faults);
void footer_done(struct footer *f);

/* Append what belongs to REPLY to TEXT, which holds the reply's text. */
void footer_add(const struct footer *f, const struct footer_facts *facts,
		const struct smtp_reply *reply, struct buf *text);

#endif
