/* tests/unit/login/stage.h - whole sessions of login on socketpairs: the test is client, auth and
 * broker, owns the clock, and has a "TLS" that turns every byte around once it has seen a "!". */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_LOGIN_STAGE_H
#define TESTS_UNIT_LOGIN_STAGE_H

#include "tests/unit/unit.h"

#include "lib/daemon/daemon_impl.h"
#include "login/session.h"

extern struct stage {
	struct arena arena;
	struct login_params params;
	struct login login;
	struct daemon daemon;
	int log, auth, broker;	/* what is read of the log, auth's end, the broker's end or -1 */
} t;

extern struct ipc_reader reader;	/* of the message that from() took last */

#define GREETING "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID IDLE STARTTLS AUTH=PLAIN " \
	"AUTH=LOGIN] Buzon ready.\r\n"
#define SECRET_PLAIN SLICE_LIT("\0alice@demo.test\0secret")

void begin(const struct proto *proto, const char *main_cf, bool with_auth);
void end(void);			/* fails when a session is left */
void turns(int n);		/* of the loop */
bool await(int fd);		/* until FD has something to read */
void close_fd(int *fd);
void logged(const char *want);	/* the next line of the log holds WANT */

/* --- the client --- */

int client(void);		/* without an address, so one of this machine */
int greeted(void);		/* a client of IMAP that has heard the greeting */
void say(int fd, const char *text);
void hear(int fd, const char *want);
void say_tls(int fd, const char *text);
void hear_tls(int fd, const char *want);
bool is_closed(int fd);
uint32_t login_of(int c);	/* C gives its password; the number under which auth is asked */

/* --- auth --- */

void auth_speaks_up(void);
void from(int fd, uint16_t type);	/* the next message, which is of TYPE */
uint32_t asked(const char *mech, struct slice initial);
void challenge(int c, uint32_t id, const char *text, const char *heard);
void accept_login(uint32_t id);
void refuse_login(uint32_t id, unsigned code);

/* --- the broker --- */

int handed(struct login_handover *m);	/* the descriptor handed over */
void start_job(uint32_t id);

#endif
