/* Every decoder of every .def file on arbitrary bytes: results lie inside the packet, and what
 * was accepted encodes to the same bytes again. The first byte picks the decoder. */
/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/ipc/anvil.h"
#include "lib/ipc/auth.h"
#include "lib/ipc/bounce.h"
#include "lib/ipc/cleanup.h"
#include "lib/ipc/control.h"
#include "lib/ipc/deliver.h"
#include "lib/ipc/localbroker.h"
#include "lib/ipc/localworker.h"
#include "lib/ipc/login.h"
#include "lib/ipc/proxymap.h"
#include "lib/ipc/qmgr.h"
#include "lib/ipc/resolver.h"

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
#include "lib/ipc/anvil.def"
#include "lib/ipc/auth.def"
#include "lib/ipc/bounce.def"
#include "lib/ipc/cleanup.def"
#include "lib/ipc/control.def"
#include "lib/ipc/deliver.def"
#include "lib/ipc/localbroker.def"
#include "lib/ipc/localworker.def"
#include "lib/ipc/login.def"
#include "lib/ipc/proxymap.def"
#include "lib/ipc/qmgr.def"
#include "lib/ipc/resolver.def"
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
#define MSG(name, number) try_##name,
static void (*const decoders[])(struct slice) = {
#include "lib/ipc/anvil.def"
#include "lib/ipc/auth.def"
#include "lib/ipc/bounce.def"
#include "lib/ipc/cleanup.def"
#include "lib/ipc/control.def"
#include "lib/ipc/deliver.def"
#include "lib/ipc/localbroker.def"
#include "lib/ipc/localworker.def"
#include "lib/ipc/login.def"
#include "lib/ipc/proxymap.def"
#include "lib/ipc/qmgr.def"
#include "lib/ipc/resolver.def"
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = sizeof(decoders) / sizeof(decoders[0]);

	if (size == 0)
		return 0;
	decoders[data[0] % n](slice_make(data + 1, size - 1));
	for (size_t i = 0; i < n; i++)
		decoders[i](slice_make(data, size));
	return 0;
}
