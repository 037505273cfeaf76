/* lib/store/content.h - the bytes of one message, as store_box_read() (box.h) gives them. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_STORE_CONTENT_H
#define LIB_STORE_CONTENT_H

#include "lib/base/slice.h"

/* A message's content, whole: mapped or in memory. A foreign writer who cuts a mapped file
 * short ends the process (SIGBUS), his own session. */
struct store_content {
	struct slice bytes;	/* as stored */
	bool is_wire;		/* every LF has its CR: may be sent as it stands */
	int fd;			/* open on BYTES from offset 0, for sendfile; -1: none */
	void *map;		/* private: mapping or heap block behind BYTES */
	size_t map_n;
};

/* Accepts a zeroed one. */
void store_content_done(struct store_content *c);

#endif
