/* lib/mail/wire.h - between stored lines (LF, or CRLF as they came) and lines on the wire (CRLF).
 *
 * Pure and resumable; the state is whether the last byte was a CR. A bare CR is a byte like any
 * other. The only place that converts line endings. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_WIRE_H
#define LIB_MAIL_WIRE_H

#include "lib/base/buf.h"

struct wire {
	bool after_cr;	/* the byte before this input was CR */
};

/* How many bytes IN grows by when sent with CRLF. All line endings of IN are added to *LINES (may
 * be NULL). */
uint64_t wire_growth(struct wire *w, struct slice in, uint64_t *lines);

/* Every line ending of IN as CRLF, into DST of SIZE bytes, at least 2; *IN is advanced by what was
 * used, the result is what was written. Ends when IN is used up or DST has no room for the next
 * byte with its CR. */
size_t wire_to_crlf(struct wire *w, struct slice *in, char *dst, size_t size);

/* How many stored bytes of IN come before the byte that is *CRLF_OFFSET bytes further on the wire.
 * *CRLF_OFFSET is lowered by what was passed: 0 when the place was found (perhaps at the end of
 * IN), else call again with the next input. W is then right for converting from that place, also
 * when it lies between a CR that is not stored and its LF. */
size_t wire_seek(struct wire *w, struct slice in, uint64_t *crlf_offset);

#endif
