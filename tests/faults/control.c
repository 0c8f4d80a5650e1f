/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 16

struct control {
	_Atomic int64_t left;
	_Atomic int64_t failed;
};

static struct control *control;

void control_open(void)
{
	const char *path = getenv("ALLOC_FAULT");
	void *frames[1];
	void *map;
	int fd;

	if (!path)
		return;
	/* Its first call loads a library, and so allocates. */
	(void)backtrace(frames, 1);
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = fd >= 0 ? mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
		      : MAP_FAILED;
	if (map == MAP_FAILED)
		abort();
	(void)close(fd); /* the map stays */
	control = map;
}

bool control_is_open(void)
{
	return control != NULL;
}

bool control_must_fail(void)
{
	void *frames[FRAMES];

	if (!control || atomic_load(&control->left) < 0 || atomic_fetch_sub(&control->left, 1) != 0)
		return false;
	atomic_store(&control->failed, 1);
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
	errno = ENOMEM;
	return true;
}
