/* lib/ipc/gen.h - make structs, encoders, decoders and senders from a .def file.
 *
 * Used by one header per protocol:
 *	#define IPC_NAME cleanup
 *	#define IPC_DEF "lib/ipc/cleanup.def"
 *	#include "lib/ipc/gen.h"
 * A .def file holds
 *	MSG(cleanup_open, 1)		number unique in the file, above 0
 *		U32(id)			also U8 U16 U64 I64 BOOL
 *		STR(sender, 1024)	struct slice; borrowed when received; at most 1024 bytes
 *		FD(file)		int; sending takes it over; who receives owns it, but
 *					nobody that of a message that _get() refuses: -1
 *	END(cleanup_open)
 * and gives for each message: struct cleanup_open; CLEANUP number as cleanup_open_type;
 * cleanup_open_put(&packet, &m), cleanup_open_get(reader, &m), cleanup_open_send(chan, &m),
 * cleanup_open_sync(fd, &m, err); and for the file: cleanup_proto. */
/* SPDX-License-Identifier: ISC */
#include "lib/ipc/chan.h"

#define IPC_UNUSED __attribute__((unused))
#define IPC_PASTE_(a, b) a##b
#define IPC_PASTE(a, b) IPC_PASTE_(a, b)
#define IPC_STRING_(a) #a
#define IPC_STRING(a) IPC_STRING_(a)

#define MSG(name, number) enum { name##_type = number }; struct name {
#define U8(f) uint8_t f;
#define U16(f) uint16_t f;
#define U32(f) uint32_t f;
#define U64(f) uint64_t f;
#define I64(f) int64_t f;
#define BOOL(f) bool f;
#define STR(f, max) struct slice f;
#define FD(f) int f;
#define END(name) };
#include IPC_DEF
#include "lib/ipc/gen_undef.h"

#define MSG(name, number) \
	IPC_UNUSED static void name##_put(struct ipc_packet **k, const struct name *m) \
	{ \
		(void)m; \
		ipc_put_begin(k, number);
#define U8(f) ipc_put_int(k, m->f, 1);
#define U16(f) ipc_put_int(k, m->f, 2);
#define U32(f) ipc_put_int(k, m->f, 4);
#define U64(f) ipc_put_int(k, m->f, 8);
#define I64(f) ipc_put_int(k, (uint64_t)m->f, 8);
#define BOOL(f) ipc_put_int(k, m->f, 1);
#define STR(f, max) ipc_put_str(k, m->f, max);
#define FD(f) ipc_put_fd(k, m->f);
#define END(name) }
#include IPC_DEF
#include "lib/ipc/gen_undef.h"

/* What is malformed gives no descriptors: they stay with the reader, which closes them. */
#define U8(f)
#define U16(f)
#define U32(f)
#define U64(f)
#define I64(f)
#define BOOL(f)
#define STR(f, max)
#define FD(f) m->f = -1;
#define MSG(name, number) IPC_UNUSED static void name##_disown(struct name *m) { (void)m;
#define END(name) }
#include IPC_DEF
#include "lib/ipc/gen_undef.h"

#define MSG(name, number) \
	IPC_UNUSED static enum rc name##_get(struct ipc_reader *r, struct name *m) \
	{ \
		(void)m;
#define U8(f) m->f = (uint8_t)ipc_get_int(r, 1);
#define U16(f) m->f = (uint16_t)ipc_get_int(r, 2);
#define U32(f) m->f = (uint32_t)ipc_get_int(r, 4);
#define U64(f) m->f = ipc_get_int(r, 8);
#define I64(f) m->f = (int64_t)ipc_get_int(r, 8);
#define BOOL(f) m->f = ipc_get_bool(r);
#define STR(f, max) m->f = ipc_get_str(r, max);
#define FD(f) m->f = ipc_get_fd(r);
#define END(name) \
		if (ipc_get_end(r) == RC_OK) \
			return RC_OK; \
		name##_disown(m); \
		return RC_SYNTAX; \
	}
#include IPC_DEF
#include "lib/ipc/gen_undef.h"

#define U8(f)
#define U16(f)
#define U32(f)
#define U64(f)
#define I64(f)
#define BOOL(f)
#define STR(f, max)
#define FD(f)
#define MSG(name, number) \
	IPC_UNUSED static void name##_send(struct ipc_chan *c, const struct name *m) \
	{ \
		struct ipc_packet *k = ipc_packet_new(number); \
		name##_put(&k, m); \
		ipc_chan_queue(c, k); \
	} \
	IPC_UNUSED static enum rc name##_sync(int fd, const struct name *m, struct err *err) \
	{ \
		struct ipc_packet *k = ipc_packet_new(number); \
		name##_put(&k, m); \
		return ipc_sync_send(fd, &k, err); \
	}
#define END(name)
#include IPC_DEF
#include "lib/ipc/gen_undef.h"

#define MSG(name, number) #name "=" #number "{"
#define U8(f) "u8 " #f ";"
#define U16(f) "u16 " #f ";"
#define U32(f) "u32 " #f ";"
#define U64(f) "u64 " #f ";"
#define I64(f) "i64 " #f ";"
#define BOOL(f) "bool " #f ";"
#define STR(f, max) "str " #f " " #max ";"
#define FD(f) "fd " #f ";"
#define END(name) "}"
IPC_UNUSED static const struct ipc_proto IPC_PASTE(IPC_NAME, _proto) = {
	.name = IPC_STRING(IPC_NAME),
	.text =
#include IPC_DEF
};
#include "lib/ipc/gen_undef.h"

#undef IPC_NAME
#undef IPC_DEF
