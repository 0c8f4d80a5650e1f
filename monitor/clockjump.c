/* SPDX-License-Identifier: Apache-2.0 */
#include "clockjump.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

/* The clocks are asked one after the other, with anything in between; a rescan too many is no harm. */
#define NOTHING_USEC 100000ULL

/* A time that does not come, as it is given in seconds. */
#define NEVER_SEC INT32_MAX

struct clockjump {
	clockjump_clock_fn clock;
	int fd;
	uint64_t asleep_usec; /* what the machine had slept, the last time it was compared */
};

DEFINE_CLEANUP(struct clockjump *, clockjump_free);

static uint64_t asleep(const struct clockjump *c)
{
	uint64_t monotonic = c->clock(CLOCK_MONOTONIC), boottime = c->clock(CLOCK_BOOTTIME);

	return boottime > monotonic ? boottime - monotonic : 0;
}

static int arm(struct clockjump *c)
{
	const struct itimerspec never = { .it_value.tv_sec = NEVER_SEC };
	const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

	return timerfd_settime(c->fd, flags, &never, NULL) < 0 ? -errno : 0;
}

int clockjump_new(clockjump_clock_fn clock, struct clockjump **ret)
{
	cleanup_(clockjump_freep) struct clockjump *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->clock = clock;
	c->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (c->fd < 0)
		return -errno;
	r = arm(c);
	if (r < 0)
		return r;
	c->asleep_usec = asleep(c);
	*ret = TAKE_PTR(c);
	return 0;
}

struct clockjump *clockjump_free(struct clockjump *c)
{
	if (!c)
		return NULL;
	if (c->fd >= 0)
		(void)close(c->fd); /* nothing to lose */
	free(c);
	return NULL;
}

int clockjump_fd(const struct clockjump *c)
{
	return c->fd;
}

uint64_t clockjump_read(struct clockjump *c)
{
	uint64_t before = c->asleep_usec, expirations;

	/* Armed anew first: what happens while the clocks are compared is told again. */
	(void)!read(c->fd, &expirations, sizeof(expirations)); /* ECANCELED, or nothing to read */
	(void)arm(c);					       /* as it was possible before */
	c->asleep_usec = asleep(c);
	return c->asleep_usec > before + NOTHING_USEC ? c->asleep_usec - before : 0;
}
