/* local/worker.h - a process that is one user and writes mail for it, or runs its commands.
 *
 * Runs as a job of the broker: blocking work, but the channel to the front is read and written
 * in batches. All Maildir deliveries of a batch are written, then synced, then renamed, so that
 * they share the journal's commits. */
/* SPDX-License-Identifier: ISC */
#ifndef LOCAL_WORKER_H
#define LOCAL_WORKER_H

#include "local/config.h"

struct worker_setup {
	const struct config *config;
	bool runs_commands;
};

/* job_spec.run; ARG is a struct worker_setup, FDS[0] the channel. Returns when it closes. */
int worker_run(void *arg, int *fds, size_t n_fds);

#endif
