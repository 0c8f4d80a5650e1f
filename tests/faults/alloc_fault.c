/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a daemon, lets one of its allocations fail as control.h says, whoever asks for it:
 * our own code or a library. Programs of other names are left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"

#define PROGRAM "vfmond-simulated"

/* What glibc's own functions are called besides. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

__attribute__((constructor)) static void begin(void)
{
	if (strcmp(program_invocation_short_name, PROGRAM) == 0)
		control_open();
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

/* Short names of what they get. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
void *malloc(size_t size)
{
	return control_must_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return control_must_fail() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	bool spared = control_is_open() && is_never_checked(__builtin_return_address(0));

	return !spared && control_must_fail() ? NULL : __libc_realloc(p, size);
}

char *strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = control_is_open() && is_never_checked(__builtin_return_address(0))
			     ? __libc_malloc(size)
			     : malloc(size);

	return copy ? memcpy(copy, s, size) : NULL;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
