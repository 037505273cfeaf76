/* lib/store/maildir/md_name.h - Maildir file names: BASE[:2,FLAGS[,FIELDS]], with sizes in the base.
 *
 * Pure. The base is everything before the first ':'; it names the message for its whole life.
 * Flags D F P R S T and the keyword letters a to z stand in ASCII order; letters and fields
 * that nobody knows are kept when a name is made from another. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_MAILDIR_MD_NAME_H
#define LIB_STORE_MAILDIR_MD_NAME_H

#include "lib/base/buf.h"
#include "lib/store/box.h"

enum { MD_KEYWORDS = 26, MD_NAME_MAX = 255 };

#define MD_SIZE_UNKNOWN UINT64_MAX

struct md_name {
	struct slice base;
	struct slice info;	/* from the ':' on; empty when there is none */
	uint8_t flags;		/* enum store_flag */
	uint32_t keywords;
};

void md_name_parse(struct slice name, struct md_name *out);

/* The number in ",S=" or ",W=" (KEY 'S', 'W') of a base; MD_SIZE_UNKNOWN when not there or not
 * a number. */
uint64_t md_name_size(struct slice base, char key);

/* Order of arrival: seconds, microseconds (M), then bytes. Less than, equal to, above 0. */
int md_name_cmp(struct slice a, struct slice b);

/* False: a base that cannot stand in a uidlist (control bytes) or is empty or hidden. */
bool md_name_is_usable(struct slice base);

/* Append the info for FLAGS and KEYWORDS that keeps what OLD_INFO has of unknown letters and
 * fields: ":2,..." */
void md_name_put_info(struct slice old_info, uint8_t flags, uint32_t keywords, struct buf *out);

#endif
