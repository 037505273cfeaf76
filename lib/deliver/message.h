/* lib/deliver/message.h - the message that is delivered: content in a queue file, and what goes
 * before it.
 *
 * Blocking reads. The content is LF text; its checksum is verified while it is copied, so that a
 * damaged queue file is never delivered as if it were mail. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DELIVER_MESSAGE_H
#define LIB_DELIVER_MESSAGE_H

#include "lib/base/buf.h"

enum { MESSAGE_BLOCK = 256 * 1024 };

/* How a delivery ended; status as in deliver.def. */
enum { OUTCOME_SENT = 1, OUTCOME_DEFERRED = 2, OUTCOME_BOUNCED = 3 };
struct outcome {
	int status;
	char dsn[ERR_DSN_MAX];
	char text[ERR_TEXT_MAX];
	bool is_refused;	/* by the border around the place, or by its modes: EACCES */
};

/* Sets *O once; later calls are ignored, so that the first cause stays. */
void outcome_set(struct outcome *o, int status, const char *dsn, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Status and DSN for a failed write to a mailbox by errno, as Postfix judges it: 5.2.2 over a quota
 * or limit, 5.2.0 no such place, 4.3.0 system trouble, 4.2.0 the rest. Only a place that one may not
 * enter is put off, not returned: it can be this process's own border that a symbolic link crosses.
 * The text is FMT's, with the error's behind it. */
void outcome_errno(struct outcome *o, int e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct message {
	int fd;			/* queue file, readable */
	int64_t offset;		/* of the content */
	uint64_t bytes;
	uint32_t crc;		/* CRC-32C of the content */
	struct slice header;	/* lines to put before it, each with its LF */
};

/* Read the content block by block: *POS starts at 0, *CRC at 0. *RET borrows from BLOCK (of
 * MESSAGE_BLOCK bytes). RC_OK, RC_END after the last block, with the checksum compared: RC_PERM
 * when it differs or the file is too short; RC_SYS. */
enum rc message_read(const struct message *m, char *block, uint64_t *pos, uint32_t *crc,
		     struct slice *ret, struct err *err);

/* All of IOV[0..1] to FD, going on after short writes. -1 with errno. */
int message_write(int fd, struct slice a, struct slice b);

#endif
