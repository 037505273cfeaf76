/* tests/lib/transcript.h - run protocol dialogues kept as files against an engine or a server.
 *
 * One file per behaviour in tests/transcripts/PROTO/NAME.t. Its lines:
 *	# text		a comment; blank lines are skipped too
 *	conf NAME = VALUE	before anything else; handed to open()
 *	C: text		the client sends text CRLF; C lines in a row are one write
 *	C~ text		sends it without CRLF; escapes \r \n \t \\ \xNN, \<N*text> repeats
 *	S: prefix		the next line of output starts so
 *	S: /regex/		... or matches this POSIX extended regular expression
 *	S= text		... or is exactly this
 *	E: E=		the same for the side channel: what the engine did besides answering.
 *		A file without E lines does not look at it
 *	tick 301s		the clock moves (ms, s, m or h)
 *	event text		handed to event(): something that happens on the server's side
 *	wait		a real client has to wait here, so bytes are never joined across it
 *	eof		the client closes its side
 *	closed		the server has closed by now
 *
 * Each file runs three times over a fresh session: as written, one byte per read, and with all
 * client bytes between two barriers (tick, event, wait, eof, closed) in one read. All output and
 * side channel bytes must be the same in the three runs, and no line may be left unexpected. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_LIB_TRANSCRIPT_H
#define TESTS_LIB_TRANSCRIPT_H

#include "lib/base/buf.h"
#include "lib/base/slice.h"

struct transcript_conf {
	struct slice name, value;
};

/* Where a session puts its bytes; both grow without bound within a test. */
struct transcript_io {
	struct buf *out;	/* to the client */
	struct buf *side;	/* lines for E:, each ended by LF */
};

/* What a protocol's harness supplies. SELF is what open() returned. */
struct transcript_ops {
	/* A new session under a clock that stands at any fixed time. NULL: bad configuration. */
	void *(*open)(const struct transcript_conf *conf, size_t n, struct transcript_io *io);
	void (*input)(void *self, struct slice bytes, struct transcript_io *io);
	void (*eof)(void *self, struct transcript_io *io);
	void (*tick)(void *self, int64_t ms, struct transcript_io *io);
	bool (*event)(void *self, struct slice text, struct transcript_io *io);	/* may be NULL */
	bool (*is_closed)(void *self);
	void (*close)(void *self);
};

/* Run one transcript held in memory. False: REPORT holds lines "NAME:LINE: what went wrong". */
bool transcript_run(const char *name, struct slice text, const struct transcript_ops *ops,
		    struct buf *report);

/* main() of a protocol's test: runs the files named on the command line, or all of
 * $srcdir/tests/transcripts/PROTO. Returns the exit status; no file at all is a failure. */
int transcript_main(const char *proto, const struct transcript_ops *ops, int argc, char **argv);

#endif
