/* smtpd/smtpd.h - the server: its policy, its channels to other programs, its sessions.
 *
 * One loop, one thread, no blocking call. The server knows no daemon skeleton: main.c gives it a
 * loop, accepted descriptors and channels, and so do the tests. */
/* SPDX-License-Identifier: ISC */
#ifndef SMTPD_SMTPD_H
#define SMTPD_SMTPD_H

#include "lib/address/address.h"
#include "lib/event/event.h"
#include "lib/ipc/anvil.h"
#include "lib/ipc/auth.h"
#include "lib/ipc/cleanup.h"
#include "lib/ipc/resolver.h"
#include "lib/smtp/server.h"
#include "lib/table/match.h"
#include "lib/tls/server.h"
#include "smtpd/footer.h"

#define PARAMS_STRUCT smtpd_params
#define PARAMS_FILE "smtpd/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT smtpd_base_params
#define PARAMS_FILE "lib/conf/params.def"
#include "lib/conf/param_struct.h"
#define PARAMS_STRUCT smtpd_queue_params
#define PARAMS_FILE "lib/queue/params.def"
#include "lib/conf/param_struct.h"

enum {
	SMTPD_INPUT_MAX = 65536,	/* a session's input buffer */
	SMTPD_OUTPUT_MAX = 1 << 20,
	SMTPD_CONTENT_BYTES = 131072,	/* content is written in blocks of about this size */
	SMTPD_ARENA_MAX = 16 << 20,	/* memory of one transaction, but its recipients */
	SMTPD_RCPTS_BYTES = 16 << 20,	/* of them; one more is asked to come later */
	SMTPD_DROP_MAX = 32		/* names in message_drop_headers */
};

struct session;
struct restrictions;
struct names;

struct smtpd {
	struct loop *loop;
	const char *service;		/* in master.cf: "smtp", "submission" */
	struct arena arena;		/* strings of the policy */
	struct smtpd_params p;
	struct smtpd_base_params base;
	struct smtpd_queue_params queue;
	struct smtp_server_conf engine;
	struct address *address;
	struct match *mynetworks, *bare_lf_exclusions, *uncounted, *forbidden, *noops, *no_auth,
		*mechanism_filter, *own_interfaces;
	struct table_list ehlo_maps, sender_logins;
	struct footer footer;
	unsigned ehlo_discard;		/* SMTP_* bits */
	struct restrictions *restrictions;
	bool access_parents;		/* access tables: "parent" stands for its subdomains */
	struct tls_server *tls;		/* NULL: not offered */
	bool tls_required;
	struct slice drop[SMTPD_DROP_MAX];
	size_t n_drop, rcpts_max_bytes;

	/* Channels; NULL while down. Set with smtpd_channel_up() and _down(). */
	struct ipc_chan *cleanup, *anvil, *resolver, *auth;
	char mechs_plaintext[257], mechs_others[257];

	struct hash requests;		/* id -> session that waits for its answer */
	uint32_t next_id;
	uint64_t next_number;		/* sessions, for the log; counts in steps above any pid */
	struct names *names;		/* of clients, remembered for a minute */
	struct list sessions;
	unsigned n_sessions;
	struct buf out, content;	/* of the step that runs; empty between steps */
	int64_t date_s;			/* second that date_text is of */
	char date_text[64];
	void (*on_count)(struct smtpd *d, int change);	/* a session began or ended; may be NULL */
	void (*on_move)(struct smtpd *d);	/* cleanup wants a second channel; may be NULL */
	void *owner;
};

/* setup.c: the policy from C; every fault goes to FAULTS. Opens files. */
void smtpd_init(struct smtpd *d, const struct conf *c, const char *service,
		struct faults *faults);
void smtpd_done(struct smtpd *d);
bool smtpd_has_changed(const struct smtpd *d, int64_t now_ms);	/* a table's file */

/* session.c: FD is a connected, non-blocking stream socket, taken over. */
void smtpd_accept(struct smtpd *d, int fd);

/* ask.c: the handlers of the channels, and their coming and going. */
extern const struct ipc_handler smtpd_cleanup_handlers[3], smtpd_anvil_handlers[1],
	smtpd_resolver_handlers[2], smtpd_auth_handlers[4];
void smtpd_channel_up(struct smtpd *d, struct ipc_chan **slot, struct ipc_chan *chan);
void smtpd_channel_down(struct smtpd *d, struct ipc_chan **slot, struct ipc_chan *chan);

/* The date of headers, now. */
const char *smtpd_date(struct smtpd *d);

#endif
