/* lib/daemon/plan.h - what master is to run: master.cf, the built-in services, their sockets.
 *
 * Used by master and by "buzon check", so that both see the same faults. Reads files, resolves
 * host names of inet services; opens no socket. Everything lives in the arena given. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_DAEMON_PLAN_H
#define LIB_DAEMON_PLAN_H

#include <sys/socket.h>

#include "lib/conf/mastercf.h"

enum program_socket { SOCKET_PACKET, SOCKET_STREAM, SOCKET_TRIGGER, SOCKET_DGRAM };
enum program_model { MODEL_WORKERS, MODEL_ONE, MODEL_ALONE };

struct program {
	const char *name, *binary;
	enum program_socket socket;
	enum program_model model;
	const char *role;
};

/* One listening socket. */
struct plan_socket {
	struct plan_socket *next;
	const char *kind;		/* first word in BUZON_LISTEN: "inet", "packet", ... */
	const char *name;		/* second word: "127.0.0.1:25", "private/auth-client" */
	const char *service;		/* what peers ask master for: "auth-client"; NULL: inet */
	int family, type;		/* AF_UNIX: NAME is the path below the spool */
	struct sockaddr_storage addr;	/* inet only */
	socklen_t addr_len;
	bool is_fifo;
};

/* One service and the processes that serve it. */
struct plan_unit {
	struct plan_unit *next;
	const struct service *service;
	const struct program *program;
	struct plan_socket *sockets;
	bool is_builtin;		/* not in master.cf */
};

struct plan {
	struct plan_unit *units;
	size_t n_units;
};

const struct program *program_find(const char *name);

/* RC_SYS: master.cf cannot be read. Faults of single entries go to FAULTS (notes about absorbed
 * services are not fatal) and the entry is left out. */
enum rc plan_read(const struct conf *c, struct arena *arena, struct plan *out,
		  struct faults *faults, struct err *err);
/* The same from text, for tests. */
void plan_parse(const struct conf *c, struct slice master_cf, struct arena *arena,
		struct plan *out, struct faults *faults);

/* "NAME/TYPE" identifies a unit across reloads. */
bool plan_unit_is_same(const struct plan_unit *a, const struct plan_unit *b);

/* The command line of a process of UNIT: PROGRAM -c DIR -n NAME -t TYPE -v -o N=V ARGS, NULL-ended,
 * in ARENA. argv[0] is the name in master.cf; the file to run is DAEMON_DIR/binary. */
char **plan_argv(const struct plan_unit *unit, const char *config_dir, struct arena *arena);

#endif
