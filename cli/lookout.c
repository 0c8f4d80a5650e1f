/* SPDX-License-Identifier: Apache-2.0 */
#include "lookout.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

#define EVENTS (IN_CREATE | IN_MOVED_TO | IN_ATTRIB)
#define USEC_PER_MSEC 1000

DEFINE_CLEANUP(char *, free);

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* The nearest folder above the socket that exists. */
static void watch_folder(int fd, const char *socket_path)
{
	cleanup_(freep) char *path = strdup(socket_path);
	char *slash;

	while (path && (slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (inotify_add_watch(fd, *path ? path : "/", EVENTS) >= 0 || errno != ENOENT)
			return;
	}
	if (path)
		(void)inotify_add_watch(fd, ".", EVENTS);
}

void lookout_wait(const char *socket_path, uint64_t usec)
{
	cleanup_(close_fd) int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	/* Without inotify (fd is -1, which poll() skips) only the time is left. */
	if (fd >= 0)
		watch_folder(fd, socket_path);
	/* It may have appeared before it was watched: the caller's next try is not far. */
	(void)poll(&poll_fd, 1, (int)((usec + USEC_PER_MSEC - 1) / USEC_PER_MSEC));
}
