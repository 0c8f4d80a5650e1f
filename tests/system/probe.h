/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probe tries. Each function takes the value that stands behind the attempt's name and
 * returns 0 where it went through, else -errno.
 *
 * Nothing here harms a machine on which all of it goes through: what would is asked for in a way
 * that the kernel refuses behind its check of privileges, and that refusal counts as going through.
 */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

struct attempt {
	const char *name;
	int (*fn)(const char *value);
};

/* Each ends with a row without a name. */
extern const struct attempt probe_files[], probe_programs[], probe_kernel[];

#define PROBE_ROW(name)                                                                            \
	{                                                                                          \
#name, try_##name                                                                  \
	}

static inline int result(long r)
{
	return r < 0 ? -errno : 0;
}

/* harmless is the error with which the kernel refuses what it has found nothing forbidden in. */
static inline int beyond(long r, int harmless)
{
	return r < 0 && errno == harmless ? 0 : result(r);
}

static inline int number(const char *value)
{
	return (int)strtol(value, NULL, 10);
}
