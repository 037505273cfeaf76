/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/ipc/control.h"
#include "lib/sys/log.h"
#include "lib/sys/ticket.h"
#include "master/master.h"

struct tickets {
	struct master *master;
	struct timer rotate;
	struct ticket_keys keys;
	int fd;			/* the sealed file of KEYS; -1: none could be made */
};

static int seal(const struct ticket_keys *keys)
{
	int fd = memfd_create("ticket-keys", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (write(fd, keys, sizeof(*keys)) == sizeof(*keys) &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	close(fd);
	return -1;
}

static void new_key(struct tickets *t)
{
	struct ticket_key *k = &t->keys.key[0];

	t->keys.key[1] = *k;
	if (getrandom(k, sizeof(*k), 0) != sizeof(*k))
		log_error(NULL, "getrandom: %s", strerror(errno));
	if (t->fd >= 0)
		close(t->fd);
	t->fd = seal(&t->keys);
	if (t->fd < 0)
		log_warn(NULL, "TLS sessions are not resumed: memfd_create: %s", strerror(errno));
}

void tickets_send(struct master *m, struct process *p)
{
	int fd;

	if (m->tickets->fd < 0 || p->unit->plan->program->model != MODEL_WORKERS)
		return;
	fd = fcntl(m->tickets->fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		control_ticket_keys_send(&p->control, &(struct control_ticket_keys){ .fd = fd });
}

static void on_rotate(struct timer *timer)
{
	struct tickets *t = LIST_ENTRY(timer, struct tickets, rotate);

	new_key(t);
	timer_start(timer, TICKET_ROTATE_S * 1000);
	LIST_EACH(unode, &t->master->units) {
		struct unit *u = LIST_ENTRY(unode, struct unit, link);

		LIST_EACH(node, &u->processes) {
			struct process *p = LIST_ENTRY(node, struct process, link);

			if (p->state == PROCESS_READY)
				tickets_send(t->master, p);
		}
	}
}

void tickets_open(struct master *m)
{
	struct tickets *t = mem_new(1, sizeof(*t));

	m->tickets = t;
	t->master = m;
	t->fd = -1;
	timer_init(&t->rotate, m->loop, on_rotate);
	new_key(t);
	new_key(t);	/* the older one is as unknown as the current */
	timer_start(&t->rotate, TICKET_ROTATE_S * 1000);
}
