/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a daemon, lets one of its allocations fail, whoever asks for it: our own code or a
 * library. Which one, is told in a file that ALLOC_FAULT names and that the test writes into: so
 * many more succeed (int64_t, negative: all of them), and whether one has failed (int64_t, 0 or 1).
 * The way to the allocation that failed is written to standard error. Programs of other names are
 * left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROGRAM "vfmond-simulated"
#define FRAMES 16

struct control {
	_Atomic int64_t left;
	_Atomic int64_t failed;
};

static struct control *control;

/* What glibc's own functions are called besides. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("ALLOC_FAULT");
	void *frames[1];
	void *map;
	int fd;

	if (!path || strcmp(program_invocation_short_name, PROGRAM) != 0)
		return;
	/* Its first call loads a library, and so allocates. */
	(void)backtrace(frames, 1);
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = fd >= 0 ? mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
		      : MAP_FAILED;
	/* A fault that never comes would be a test that can not fail. */
	if (map == MAP_FAILED)
		abort();
	(void)close(fd); /* the map stays */
	control = map;
}

/*
 * json-c 0.16 (Debian 12) follows the NULL that it gets for the name of an object's member, and goes
 * on without a text that its buffer has no room for. Nothing outside of it can mend that.
 */
static bool is_never_checked(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) != 0 && strstr(info.dli_fname, "/libjson-c.");
}

static bool must_fail(void)
{
	void *frames[FRAMES];

	if (!control || atomic_load(&control->left) < 0 || atomic_fetch_sub(&control->left, 1) != 0)
		return false;
	atomic_store(&control->failed, 1);
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
	errno = ENOMEM;
	return true;
}

/* Short names of what they get. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
void *malloc(size_t size)
{
	return must_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	bool spared = control && is_never_checked(__builtin_return_address(0));

	return !spared && must_fail() ? NULL : __libc_realloc(p, size);
}

char *strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = control && is_never_checked(__builtin_return_address(0)) ? __libc_malloc(size)
									      : malloc(size);

	return copy ? memcpy(copy, s, size) : NULL;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
