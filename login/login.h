/* login/login.h - what the sessions of one login process share. */
/* SPDX-License-Identifier: ISC */
#ifndef LOGIN_LOGIN_H
#define LOGIN_LOGIN_H

#include "lib/base/hash.h"
#include "lib/daemon/daemon.h"
#include "lib/ipc/auth.h"
#include "lib/ipc/login.h"
#include "lib/tls/server.h"
#include "login/proto.h"

#define PARAMS_STRUCT login_params
#define PARAMS_FILE "login/params.def"
#include "lib/conf/param_struct.h"

enum login_tls { LOGIN_TLS_NONE, LOGIN_TLS_MAY, LOGIN_TLS_ENCRYPT };

enum { LOGIN_BUCKETS = 1024 };

struct session;

/* Sessions by the number of their request to a peer. */
struct requests {
	struct list buckets[LOGIN_BUCKETS];
	uint32_t last_id;
};

struct login {
	const struct login_params *params;
	const struct proto *proto;
	enum login_tls tls_level;
	struct tls_server *tls;		/* NULL: no certificate */
	/* tls_server_filter, or a test's */
	struct conn_filter *(*make_filter)(struct tls_server *s);
	struct loop *loop;
	struct daemon *daemon;
	struct peer auth, broker;
	struct requests asked;		/* auth has a question of theirs */
	struct list unasked;		/* auth was away: asked when it is back */
	struct timer unasked_timer;	/* ... or told that it is not */
	struct requests handed;		/* the broker has their client, or will have */
	bool knows_mechs;		/* auth has told; until then nobody is greeted */
	char plain_mechs[256], other_mechs[256], all_mechs[513];
	struct list waiting;		/* sessions not yet greeted */
	struct list strangers;		/* not logged in, oldest first */
	unsigned n_strangers;
	struct hash by_addr;		/* client address to a heap unsigned, its strangers */
};

/* Peers are made but not started; lists are empty. */
void login_init(struct login *l, struct daemon *d, struct loop *loop,
		const struct login_params *params, const struct proto *proto,
		enum login_tls tls_level, struct tls_server *tls);
void login_done(struct login *l);	/* ends all sessions; for tests */

/* The two peers; on_down and handlers are in the files of the same names. */
void login_auth_init(struct login *l, struct daemon *d);	/* login/ask.c */
void login_broker_init(struct login *l, struct daemon *d);	/* login/handover.c */

/* Requests: a number that is in use by nobody; S is kept under it in LINK, a list node of S. */
uint32_t requests_add(struct requests *r, struct list *link);

#endif
