/* lib/pop3/uidl.h - unique ids in the form that pop3_uidl_format gives, Dovecot's language.
 *
 * Pure. %u UID, %v UIDVALIDITY, %f base file name, %g GUID, %% a percent sign. Between % and the
 * letter: "0WIDTH" fills with zeros, "OFFSET.WIDTH" or "WIDTH" cuts; then X for hexadecimal
 * (lower case), L and U for the case. Ids must stay the same for ever, so this is Dovecot's
 * meaning to the letter. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_POP3_UIDL_H
#define LIB_POP3_UIDL_H

#include "lib/base/buf.h"

#define POP3_UIDL_DEFAULT "%08Xu%08Xv"

enum { POP3_UIDL_MAX = 255 };

struct pop3_uidl {
	uint32_t uid, uidvalidity;
	struct slice name, guid;
};

/* RC_SYNTAX with the reason: an unknown letter, or no part that differs between messages. */
enum rc pop3_uidl_check(struct slice format, struct err *err);

/* Append the id: 1 to POP3_UIDL_MAX characters of 0x21 to 0x7E (RFC 1939, 7; longer ones than its
 * 70 are kept, since clients know them). FORMAT has been checked. */
void pop3_uidl_put(struct slice format, const struct pop3_uidl *v, struct buf *out);

/* The same rules for an id that a mailbox brought along. */
void pop3_uidl_put_fixed(struct slice id, struct buf *out);

#endif
