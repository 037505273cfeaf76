/* lib/sys/ticket.h - the keys of TLS session tickets, as master hands them to its processes.
 *
 * They come in a sealed memory file (message ticket_keys of lib/ipc/control.def), so all workers
 * of all services accept each other's tickets and no key touches a disk. Keys are as long lived
 * as TICKET_ROTATE_S says; a ticket is made with the first key and accepted with both. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_TICKET_H
#define LIB_SYS_TICKET_H

#include <stdint.h>

enum { TICKET_ROTATE_S = 3600, TICKET_KEYS = 2 };

struct ticket_key {
	uint8_t name[16];	/* in the clear in each ticket */
	uint8_t aes[32];
	uint8_t hmac[32];
};

struct ticket_keys {
	struct ticket_key key[TICKET_KEYS];	/* the current one, the one before */
};

#endif
