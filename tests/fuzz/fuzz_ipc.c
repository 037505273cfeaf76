/* Every decoder of every .def file on arbitrary bytes: results lie inside the packet, and what
 * was accepted encodes to the same bytes again. The first byte picks the decoder. And the other way:
 * every message, filled from the input, is after encoding and decoding what it was. */
/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/ipc/anvil.h"
#include "lib/ipc/auth.h"
#include "lib/ipc/authworker.h"
#include "lib/ipc/bounce.h"
#include "lib/ipc/cleanup.h"
#include "lib/ipc/control.h"
#include "lib/ipc/deliver.h"
#include "lib/ipc/imapstate.h"
#include "lib/ipc/localbroker.h"
#include "lib/ipc/localworker.h"
#include "lib/ipc/login.h"
#include "lib/ipc/proxymap.h"
#include "lib/ipc/qmgr.h"
#include "lib/ipc/resolver.h"
#include "lib/ipc/sleep.h"
#include "lib/ipc/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MSG(name, number) \
	static void try_##name(struct slice packet) \
	{ \
		struct ipc_reader r; \
		struct name m; \
		struct ipc_packet *k; \
		bool ok = ipc_reader_init(&r, packet, NULL, 0) == RC_OK && \
			  name##_get(&r, &m) == RC_OK; \
		ipc_reader_done(&r); \
		if (!ok) \
			return; \
		k = ipc_packet_new(number); \
		name##_put(&k, &m);
#define U8(f)
#define U16(f)
#define U32(f)
#define U64(f)
#define I64(f)
#define BOOL(f)
#define STR(f, max) \
	assert(m.f.n <= (max)); \
	assert(m.f.n == 0 || (m.f.p >= packet.p && m.f.p + m.f.n <= packet.p + packet.n));
#define FD(f) assert(m.f == -1);
#define END(name) \
		assert(!k->bad && k->n == packet.n); \
		ipc_packet_free(&k); \
	}
#include "lib/ipc/all.def"
#include "lib/ipc/gen_undef.h"

#define MSG(name, number) \
	static bool same_##name(const struct name *a, const struct name *b) \
	{ \
		(void)a, (void)b; \
		return true
#define U8(f) && a->f == b->f
#define U16(f) && a->f == b->f
#define U32(f) && a->f == b->f
#define U64(f) && a->f == b->f
#define I64(f) && a->f == b->f
#define BOOL(f) && a->f == b->f
#define STR(f, max) && slice_eq(a->f, b->f)
#define FD(f) && a->f == b->f
#define END(name) \
		; \
	}
#include "lib/ipc/all.def"
#include "lib/ipc/gen_undef.h"

static uint64_t take(struct slice *in, unsigned bytes)
{
	uint64_t v = 0;

	for (; bytes > 0 && in->n > 0; bytes--) {
		v = v << 8 | (unsigned char)in->p[0];
		*in = slice_skip(*in, 1);
	}
	return v;
}

static struct slice take_str(struct slice *in, size_t max)
{
	struct slice s = slice_sub(*in, 0, take(in, 2) % (max + 1));

	*in = slice_skip(*in, s.n);
	return s;
}

/* The descriptors stay the packet's. */
#define MSG(name, number) \
	static void make_##name(struct slice in) \
	{ \
		struct ipc_packet *k = ipc_packet_new(number); \
		struct ipc_reader r; \
		struct name m, got; \
		(void)in; \
		memset(&m, 0, sizeof(m));
#define U8(f) m.f = (uint8_t)take(&in, 1);
#define U16(f) m.f = (uint16_t)take(&in, 2);
#define U32(f) m.f = (uint32_t)take(&in, 4);
#define U64(f) m.f = take(&in, 8);
#define I64(f) m.f = (int64_t)take(&in, 8);
#define BOOL(f) m.f = take(&in, 1) & 1;
#define STR(f, max) m.f = take_str(&in, max);
#define FD(f) m.f = open("/dev/null", O_RDONLY | O_CLOEXEC);
#define END(name) \
		name##_put(&k, &m); \
		if (!k->bad && \
		    (ipc_reader_init(&r, slice_make(k->mem, k->n), k->fds, k->n_fds) != RC_OK || \
		     name##_get(&r, &got) != RC_OK || !same_##name(&m, &got))) \
			abort(); \
		ipc_packet_free(&k); \
	}
#include "lib/ipc/all.def"
#include "lib/ipc/gen_undef.h"

#define U8(f)
#define U16(f)
#define U32(f)
#define U64(f)
#define I64(f)
#define BOOL(f)
#define STR(f, max)
#define FD(f)
#define END(name)
#define MSG(name, number) { try_##name, make_##name },
static const struct { void (*try)(struct slice), (*make)(struct slice); } messages[] = {
#include "lib/ipc/all.def"
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = sizeof(messages) / sizeof(messages[0]);

	if (size == 0)
		return 0;
	messages[data[0] % n].try(slice_make(data + 1, size - 1));
	for (size_t i = 0; i < n; i++) {
		messages[i].try(slice_make(data, size));
		messages[i].make(slice_make(data, size));
	}
	return 0;
}
