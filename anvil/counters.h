/* anvil/counters.h - connections and rates for each key, bounded, under the caller's clock.
 *
 * Pure but for memory. A key is "service:address block". */
/* SPDX-License-Identifier: ISC */
#ifndef ANVIL_COUNTERS_H
#define ANVIL_COUNTERS_H

#include "lib/base/hash.h"
#include "lib/base/list.h"

enum counter_kind { COUNT_CONNECTION, COUNT_MESSAGE, COUNT_RECIPIENT, COUNT_TLS, COUNT_AUTH,
		    COUNT_AUTH_FAILED, COUNT_KINDS };
enum { COUNTERS_KEYS_MAX = 100000, COUNTER_KEY_BYTES = 128 };

struct counter {
	struct list link;		/* in counters.idle or .busy, oldest use first */
	uint32_t connections;
	uint32_t rate[COUNT_KINDS];
	int64_t unit_start_ms;		/* when the rates began to count */
	char key[COUNTER_KEY_BYTES + 1];
};

/* The largest value since the last report, and whose it was. */
struct counter_peak {
	uint32_t value;
	int64_t at_unix_s;
	char key[COUNTER_KEY_BYTES + 1];
};

struct counters {
	struct hash keys;
	struct list idle, busy;
	int64_t unit_ms;
	size_t keys_max;
	struct counter_peak peak_rate[COUNT_KINDS], peak_connections;
	size_t peak_size;
	int64_t peak_size_at_unix_s;
};

void counters_init(struct counters *c, int64_t unit_ms, size_t keys_max);
void counters_done(struct counters *c);

/* One more connection, or event, of KEY; the counts with it. No room: zeros (fails open). */
struct counter_now { uint32_t connections, rate; };
struct counter_now counters_add(struct counters *c, struct slice key, enum counter_kind kind,
				int64_t now_ms, int64_t unix_s);
/* A connection of KEY ended; unknown keys are ignored. */
void counters_drop(struct counters *c, struct slice key);
/* Forget the peaks after a report. */
void counters_reset_peaks(struct counters *c);

#endif
