/* lib/event/event.h - descriptors, timers, signals, children and deferred tasks on one loop.
 *
 * libevent stands behind this header and nothing else includes its headers. Watchers are
 * embedded in their objects; starting twice or stopping twice is harmless; a stopped watcher's
 * callback never runs. An object dies only in a deferred task (loop_defer), never in the
 * callback of one of its own watchers. One loop per process, single-threaded. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_EVENT_EVENT_H
#define LIB_EVENT_EVENT_H

/* libevent declares its lists with a macro of the same name as ours, whoever comes first. */
#pragma push_macro("LIST_ENTRY")
#undef LIST_ENTRY
#include <event2/event_struct.h>
#pragma pop_macro("LIST_ENTRY")
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/heap.h"
#include "lib/base/list.h"
#include "lib/base/rc.h"

struct loop;

enum { IO_READ = 1, IO_WRITE = 2 };

struct io {
	struct event rd, wr;
	struct loop *loop;
	int fd;
	int want;	/* IO_READ | IO_WRITE now registered; 0 when stopped */
	void (*cb)(struct io *io, int ready);
};

struct timer {
	struct heap_node node;	/* due time in loop milliseconds */
	struct loop *loop;
	void (*cb)(struct timer *t);
};

struct sig {
	struct event ev;
	struct loop *loop;
	int signo;
	void (*cb)(struct sig *s);
};

struct task {
	struct list link;
	void (*cb)(struct task *t);
};

struct child {
	struct list link;
	pid_t pid;
	void (*cb)(struct child *c, int wait_status);
};

/* NULL only when the kernel refuses an epoll descriptor. */
struct loop *loop_new(void);
void loop_free(struct loop **loop);

/* In a forked child that goes on without the loop: signals get their default action back. The
 * epoll set is shared with the parent, so no other call on LOOP or its watchers is allowed; the
 * child closes the descriptors by close_range(). Fork with signals blocked. */
void loop_leave_in_child(struct loop *loop);

/* libevent's object, for libunbound only. */
struct event_base *loop_base(struct loop *loop);

/* Run until loop_stop(). Tests use loop_turn(): one round, waiting at most MAX_WAIT_MS. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
void loop_turn(struct loop *loop, int max_wait_ms);

/* CB runs at the end of each round, before the loop waits. */
void loop_on_round(struct loop *loop, void (*cb)(struct loop *));

/* Monotonic milliseconds, the same during one round. loop_unix_us() is the wall clock. */
int64_t loop_now_ms(const struct loop *loop);
int64_t loop_unix_us(const struct loop *loop);

/* Tests: the clock stands still and moves by this call only; due timers run in loop_turn(). */
void loop_fake_clock(struct loop *loop, int64_t start_unix_s);
void loop_advance(struct loop *loop, int64_t ms);

void io_init(struct io *io, struct loop *loop, int fd, void (*cb)(struct io *, int));
void io_want(struct io *io, int want);	/* 0 stops */
void io_stop(struct io *io);

void timer_init(struct timer *t, struct loop *loop, void (*cb)(struct timer *));
void timer_start(struct timer *t, int64_t after_ms);	/* restarts when running */
void timer_stop(struct timer *t);
bool timer_is_running(const struct timer *t);

void sig_start(struct sig *s, struct loop *loop, int signo, void (*cb)(struct sig *));
void sig_stop(struct sig *s);

/* Runs after the current callback has returned, before the loop waits again. */
void loop_defer(struct loop *loop, struct task *t, void (*cb)(struct task *));
void task_cancel(struct task *t);
void task_init(struct task *t);

/* CB runs once when PID has ended (the loop reaps on SIGCHLD). */
void child_watch(struct child *c, struct loop *loop, pid_t pid,
		 void (*cb)(struct child *, int));
void child_forget(struct child *c);
/* Called for children nobody watches (master as process 1). */
void loop_on_orphan(struct loop *loop, void (*cb)(struct loop *, pid_t, int));

#endif
