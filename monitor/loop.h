/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's event loop: which fd, signal and timer calls what. A thin layer, so that only this
 * file, server and client know libevent.
 */
#ifndef VFMOND_LOOP_H
#define VFMOND_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;
struct loop_timer;

typedef void (*loop_fn)(void *arg);

/* Returns 0 or -ENOMEM. Also sends libevent's own messages to the log. */
int loop_new(struct loop **ret);

/* Frees its events, then itself; everything that used its base must be gone. Takes NULL. */
struct loop *loop_free(struct loop *l);

/* For server_new(). Borrowed. */
struct event_base *loop_base(struct loop *l);

/*
 * Calls fn whenever fd is readable; sources go before clients, so that a busy socket of theirs never
 * delays an event. The description stands in dumps. Returns 0 or -ENOMEM.
 */
int loop_add_source(struct loop *l, int fd, loop_fn fn, void *arg);

/*
 * Calls fn whenever something happens to a file of /proc that tells of changes to whoever polls it,
 * such as mountinfo; it is always readable. Returns 0, -ENOMEM, or -EPERM for a file that does not.
 */
int loop_add_notifier(struct loop *l, int fd, loop_fn fn, void *arg);

/* No longer calls anything for fd. */
void loop_remove_source(struct loop *l, int fd);

/* Calls fn for a signal. Returns 0 or -ENOMEM. */
int loop_add_signal(struct loop *l, int signal, loop_fn fn, void *arg);

/* A timer that is not armed. It belongs to the loop. Returns 0 or -ENOMEM. */
int loop_add_timer(struct loop *l, loop_fn fn, void *arg, struct loop_timer **ret);

/* Calls once, at that time of CLOCK_BOOTTIME or soon after; UINT64_MAX: not at all. */
void loop_timer_at(struct loop_timer *t, uint64_t boottime_usec);
/*
 * The machine was suspended, when no timer goes on: each that is armed is set for its time again.
 */
void loop_on_resume(struct loop *l);

bool loop_timer_is_armed(const struct loop_timer *t);

/* Runs until loop_stop(). Returns 0, or -EIO if the loop itself failed. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
