/* auth/auth.h - what all of auth shares: configuration made ready, sources, workers, tokens. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "auth/dbspec.h"
#include "auth/ids.h"
#include "auth/passwd_file.h"
#include "auth/penalty.h"
#include "auth/tokens.h"
#include "auth/workers.h"
#include "lib/sasl/sasl.h"

#define PARAMS_STRUCT auth_params
#define PARAMS_FILE "auth/params.def"
#include "lib/conf/param_struct.h"

/* A password or user database that is ready to be asked. */
struct db {
	const struct db_spec *spec;
	struct passwd_file *file;	/* passwd-file only; shared by all of its path */
};

enum { AUTH_MECHS_MAX = 16 };

struct auth {
	const struct auth_params *params;
	struct name_rules names;
	uid_t first_valid_uid;
	const struct sasl_mech *mechs[AUTH_MECHS_MAX];
	size_t n_mechs;
	struct db *passdbs, *userdbs;
	size_t n_passdbs, n_userdbs;
	struct passwd_file **files;
	size_t n_files;
	struct ids *ids;
	struct loop *loop;
	struct workers *workers;
	struct tokens *tokens;
	struct penalties *penalties;
	struct list delayed;		/* failed requests, by the time they are answered */
	struct timer delay;
	struct list asked;		/* requests that wait for their client, oldest first */
	struct timer patience;
	struct list held;		/* logins that are not looked at yet, by the time they are */
	struct timer held_timer;
	uint32_t n_connections;		/* ever, for CUID */
	unsigned n_requests, n_asks;	/* now */
	unsigned n_outside;		/* connections of the public protocol */
	bool is_draining;
};

/* Read what the parameters name; every fault goes to FAULTS. Files are opened here for the first
 * time, names of ids resolved. Everything lives in ARENA or until auth_done(). */
void auth_setup(struct auth *a, const struct auth_params *params, bool is_rootless,
		struct arena *arena, struct faults *faults);

/* WORKERS are taken over. */
void auth_start(struct auth *a, struct loop *loop, struct workers *workers);
void auth_done(struct auth *a);

/* Somebody waits for an answer, or holds a token that is good. */
bool auth_is_busy(const struct auth *a);

/* A successor waits for our end. New logins are left unanswered (our programs ask the successor
 * again) or refused for the moment (outsiders); who waits for his client's next word or for the end
 * of a delay is told now; what is being checked is finished, and tokens are still redeemed. */
void auth_drain(struct auth *a);

/* NULL: not offered. */
const struct sasl_mech *auth_mech(const struct auth *a, struct slice name);

#endif
