/* tests/unit/store/maildir.h - a Maildir in a temporary directory, and files in it.
 *
 * Every function fails the test that calls it when it cannot do its work. Names are relative to
 * the Maildir. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_STORE_MAILDIR_H
#define TESTS_UNIT_STORE_MAILDIR_H

#include <limits.h>

#include "lib/base/buf.h"
#include "lib/store/append.h"
#include "tests/unit/unit.h"

extern char maildir_root[PATH_MAX];
extern struct store *maildir_store;
extern unsigned maildir_lock_timeout_ms;	/* of the next maildir_open_store() */

/* cmocka's: an empty INBOX, and the store over it. */
int maildir_setup(void **state);
int maildir_teardown(void **state);

/* Open the store anew, with SEPARATOR between the parts of mailbox names. */
void maildir_open_store(char separator);

const char *maildir_path(const char *name);	/* valid until the next call */
void maildir_write(const char *name, const char *text);
char *maildir_read(const char *name);		/* NULL: no such file; valid until the next call */
bool maildir_has(const char *name);
void maildir_rename(const char *from, const char *to);
size_t maildir_count(const char *name);		/* files in that directory but hidden ones */

/* File times tick slowly: what is done after this cannot look simultaneous to what was before. */
void maildir_tick(void);

void maildir_check(enum rc rc, const struct err *err);
struct store_box *maildir_open(const char *name, unsigned mode);
uint32_t maildir_box_count(const struct store_box *b);
struct store_changes maildir_refresh(struct store_box *b, unsigned how);

/* Append TEXT as one message; its UID. */
uint32_t maildir_append(const char *box, uint8_t flags, const char *text);

#endif
