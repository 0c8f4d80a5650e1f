/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/vfs.h>

#include <event2/event.h>

#include "log.h"
#include "moment.h"
#include "vfmon/cleanup.h"

#define PRIORITIES 2
#define PRIORITY_SOURCES 0
#define PRIORITY_CLIENTS 1 /* libevent's default of two */

/* So many calls of clients are served at most before the sources are looked at again. */
#define CLIENTS_BETWEEN_SOURCES 4

/* Anything that calls fn(arg); a list, freed with the loop. */
struct watch {
	struct watch *next;
	struct event *event;
	loop_fn fn;
	void *arg;
	int fd;			  /* or the signal's number; -1: a timer */
	struct loop_timer *timer; /* that it is the first member of; NULL: none */
};

struct loop_timer {
	struct watch watch;
	uint64_t due_usec; /* what it is armed for; UINT64_MAX: not armed */
};

struct loop {
	struct event_base *base;
	struct watch *watches;
};

static void on_libevent_log(int severity, const char *message)
{
	if (severity == EVENT_LOG_ERR)
		log_err("libevent: %s", message);
	else if (severity == EVENT_LOG_WARN)
		log_warning("libevent: %s", message);
}

/* Hundreds of clients that ask at the same moment must not keep events waiting. */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	/*
	 * epoll, or nothing: without memory libevent would go on with poll(), by which /proc/mounts is
	 * always ready.
	 */
	if (event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_EARLY_CLOSE) == 0 &&
	    event_config_set_max_dispatch_interval(config, NULL, CLIENTS_BETWEEN_SOURCES,
						   PRIORITY_CLIENTS) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int loop_new(struct loop **ret)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	event_set_log_callback(on_libevent_log);
	l->base = new_base();
	if (!l->base || event_base_priority_init(l->base, PRIORITIES) < 0) {
		loop_free(l);
		return -ENOMEM;
	}
	*ret = l;
	return 0;
}

static void watch_free(struct watch *w)
{
	if (w->event)
		event_free(w->event);
	free(w);
}

struct loop *loop_free(struct loop *l)
{
	struct watch *next;

	if (!l)
		return NULL;
	for (struct watch *w = l->watches; w; w = next) {
		next = w->next;
		watch_free(w);
	}
	if (l->base)
		event_base_free(l->base);
	free(l);
	return NULL;
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)fd;
	(void)what;
	w->fn(w->arg);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	t->due_usec = UINT64_MAX;
	t->watch.fn(t->watch.arg);
}

/* Links a watch whose event was made; frees it where that failed. */
static int keep(struct loop *l, struct watch *w)
{
	if (!w->event) {
		watch_free(w);
		return -ENOMEM;
	}
	w->next = l->watches;
	l->watches = w;
	return 0;
}

static int add_watch(struct loop *l, const struct watch *like, short what)
{
	struct watch *w = malloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = *like;
	w->event = event_new(l->base, w->fd, what, on_event, w);
	if (keep(l, w) < 0)
		return -ENOMEM;
	if (!(what & EV_SIGNAL))
		event_priority_set(w->event, PRIORITY_SOURCES);
	return event_add(w->event, NULL) < 0 ? -ENOMEM : 0;
}

int loop_add_source(struct loop *l, int fd, loop_fn fn, void *arg)
{
	const struct watch like = { .fd = fd, .fn = fn, .arg = arg };

	return add_watch(l, &like, EV_READ | EV_PERSIST);
}

int loop_add_notifier(struct loop *l, int fd, loop_fn fn, void *arg)
{
	const struct watch like = { .fd = fd, .fn = fn, .arg = arg };
	struct statfs fs;

	/* Of any other file epoll would say so itself, but only after libevent has warned of it. */
	if (fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return -EPERM;
	return add_watch(l, &like, EV_READ | EV_ET | EV_PERSIST);
}

void loop_remove_source(struct loop *l, int fd)
{
	for (struct watch *w = l->watches; w; w = w->next)
		if (w->fd == fd && w->event && !(event_get_events(w->event) & EV_SIGNAL))
			event_del(w->event);
}

int loop_add_signal(struct loop *l, int signal, loop_fn fn, void *arg)
{
	const struct watch like = { .fd = signal, .fn = fn, .arg = arg };

	return add_watch(l, &like, EV_SIGNAL | EV_PERSIST);
}

int loop_add_timer(struct loop *l, loop_fn fn, void *arg, struct loop_timer **ret)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->watch = (struct watch){ .fd = -1, .fn = fn, .arg = arg, .timer = t };
	t->due_usec = UINT64_MAX;
	t->watch.event = event_new(l->base, -1, 0, on_timeout, t);
	if (keep(l, &t->watch) < 0)
		return -ENOMEM;
	event_priority_set(t->watch.event, PRIORITY_SOURCES);
	*ret = t;
	return 0;
}

/* libevent counts on CLOCK_MONOTONIC. */
static void arm(struct loop_timer *t)
{
	uint64_t now = clock_usec(CLOCK_BOOTTIME);
	uint64_t wait = t->due_usec > now ? t->due_usec - now : 0;
	struct timeval tv;

	tv.tv_sec = (time_t)(wait / 1000000);
	tv.tv_usec = (suseconds_t)(wait % 1000000);
	/* Without the timer only a later event would go on: the loop can not work without memory. */
	if (event_add(t->watch.event, &tv) < 0) {
		log_err("no memory for a timer, the next event will have to do");
		t->due_usec = UINT64_MAX;
	}
}

void loop_timer_at(struct loop_timer *t, uint64_t boottime_usec)
{
	if (t->due_usec == boottime_usec)
		return;
	t->due_usec = boottime_usec;
	if (boottime_usec == UINT64_MAX)
		event_del(t->watch.event);
	else
		arm(t);
}

void loop_on_resume(struct loop *l)
{
	for (struct watch *w = l->watches; w; w = w->next) {
		struct loop_timer *t = w->timer;

		if (t && t->due_usec != UINT64_MAX)
			arm(t);
	}
}

bool loop_timer_is_armed(const struct loop_timer *t)
{
	return t->due_usec != UINT64_MAX;
}

int loop_run(struct loop *l)
{
	return event_base_dispatch(l->base) < 0 ? -EIO : 0;
}

void loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}
