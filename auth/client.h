/* auth/client.h - our own programs as askers: SASL for smtpd and login, tokens and users for the
 * mail-access brokers, local, virtual and proxymap. Speaks lib/ipc/auth.def. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_CLIENT_H
#define AUTH_CLIENT_H

#include "auth/request.h"

enum client_right {
	CLIENT_SASL = 1,	/* came by auth-client */
	CLIENT_USERS = 2	/* came by auth-master: redeem tokens, look users up */
};

/* Takes FD over; frees itself when the peer goes. */
void client_new(struct auth *a, int fd, enum client_right right);

#endif
