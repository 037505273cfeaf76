/* imapd/match_text.h - a text sought in what a message says.
 *
 * TEXT is UTF-8 folded by charset_fold(); what is searched is decoded and folded on the way. */
/* SPDX-License-Identifier: ISC */
#ifndef IMAPD_MATCH_TEXT_H
#define IMAPD_MATCH_TEXT_H

#include "imapd/message.h"

/* True when a field NAME of HEADER contains TEXT; with an empty TEXT, when there is one. */
bool match_header_field(struct slice header, struct slice name, struct slice text);

/* TEXT anywhere in the readable parts of the message (text of any kind, embedded messages with
 * their headers), and in its own header when WITH_HEADER. */
bool match_text(struct message_cache *m, struct slice text, bool with_header);

#endif
