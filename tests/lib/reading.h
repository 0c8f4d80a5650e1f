/* SPDX-License-Identifier: Apache-2.0 */
/* A fake host and the sysfs reader on it, for the tests of what is read. */
#ifndef VFMON_TESTS_READING_H
#define VFMON_TESTS_READING_H

#include <stdint.h>

#include "../../monitor/sysfs.h"
#include "tree.h"

struct reading {
	struct tree *tree;
	struct sysfs *sysfs;
	struct observation obs; /* the last one */
	bool want_card_serial;
};

/* For cmocka: *state is the struct reading. */
int reading_setup(void **state);
int reading_teardown(void **state);

/* Another reader on the same host, which remembers nothing. */
void reading_restart(struct reading *r);

/* Reads one function; the answer is borrowed until the next read. */
const struct observation *reading_of(struct reading *r, const char *addr);
const struct observation *reading_of_known(struct reading *r, const char *addr, uint64_t inode);
const struct observation *reading_of_nodes(struct reading *r, const char *addr);

/* Fails the test unless both are NULL or the same text. */
void reading_assert_text(const char *text, const char *expected);

#endif
