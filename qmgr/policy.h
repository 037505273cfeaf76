/* qmgr/policy.h - the queue manager's parameters as data, for its files and tests. */
/* SPDX-License-Identifier: ISC */
#ifndef QMGR_POLICY_H
#define QMGR_POLICY_H

#include "lib/base/slice.h"

struct qmgr_policy {
	size_t message_active_limit, message_recipient_limit;
	int64_t minimal_backoff_s, maximal_backoff_s;
	int64_t queue_run_delay_ms, transport_retry_ms;
	int64_t maximal_lifetime_s, bounce_lifetime_s;
	int64_t delay_warning_s;		/* 0: no warnings */
	int64_t agent_patience_ms;		/* work waits so long for an agent to come */
	bool soft_bounce;			/* what failed for good is deferred, too */
};

/* How the window of a destination grows or shrinks: by number, number / window, or
 * number / sqrt(window). */
enum feedback_kind { FEEDBACK_FIXED, FEEDBACK_LINEAR, FEEDBACK_SQRT };
struct feedback {
	enum feedback_kind kind;
	double number;
};

/* Transports that need no agent. */
enum builtin { BUILTIN_NONE, BUILTIN_ERROR, BUILTIN_RETRY, BUILTIN_DISCARD };

struct transport_limits {
	enum builtin builtin;
	bool is_deferred;		/* deliver only what was flushed */
	unsigned concurrency;		/* 0: no limit */
	unsigned initial_concurrency;
	unsigned recipients;		/* in one request */
	struct feedback positive, negative;
	double failed_cohorts;		/* 0: never dead */
	int64_t destination_delay_ms, transport_delay_ms;
};

/* "1", "0.5", "1/concurrency", "1/sqrt_concurrency"; the number from 0 to 1. */
enum rc feedback_parse(struct slice s, struct feedback *out);
double feedback_value(const struct feedback *f, double window);

#endif
