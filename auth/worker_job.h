/* auth/worker_job.h - the blocking work of one worker process, over one channel (authworker.def).
 *
 * Each runs until auth closes the channel or breaks the protocol. Nothing is kept from one request to
 * the next; what a request held is wiped. */
/* SPDX-License-Identifier: ISC */
#ifndef AUTH_WORKER_JOB_H
#define AUTH_WORKER_JOB_H

#include "lib/ipc/authworker.h"

/* Exit status of the process: 0, or 1 after a broken protocol. ARG and N_FDS are the broker's form;
 * FDS[0] is the channel. */
int worker_hash_run(void *arg, int *fds, size_t n_fds);
int worker_system_run(void *arg, int *fds, size_t n_fds);

/* Blocking. Fills OUT; its slices point into MEM. auth/pam.c */
enum { PAM_TEXT_MAX = 512 };
struct pam_mem {
	char user[256];
	char reason[PAM_TEXT_MAX];
};
void worker_ask_pam(const struct worker_pam *m, struct pam_mem *mem, struct worker_result *out);

#endif
