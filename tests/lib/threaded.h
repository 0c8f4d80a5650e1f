/* SPDX-License-Identifier: Apache-2.0 */
/* A fake host and the reader's thread on it. */
#ifndef VFMON_TESTS_THREADED_H
#define VFMON_TESTS_THREADED_H

#include <stdbool.h>

#include "../../monitor/reader.h"
#include "tree.h"

/* The physical function that is there at first. */
#define PF "0000:3b:00.0"

/* Only how long a broken reader may hold up the tests. */
#define DEADLINE_MSEC 20000

struct threaded {
	struct tree *tree;
	struct reader *reader;
};

/* For cmocka: *state is the struct threaded. */
int threaded_setup(void **state);
int threaded_teardown(void **state);

bool threaded_is_readable(struct reader *r, int timeout_msec);

/* Waits for the next observation; borrowed as from reader_next(). */
const struct observation *threaded_next(struct threaded *f);

/* Of everything about a function. */
struct read_request threaded_request_for(const char *addr);

void threaded_assert_addr(const struct observation *obs, const char *addr);

#endif
