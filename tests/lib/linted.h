/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that a nova.conf is checked on: a PF 0000:3b:00.0 (8086:10c9) with VFs 0000:3b:02.0 and
 * 0000:3b:02.1 (8086:10ca), a PF 0000:5e:00.0 with the VF 0000:5e:02.0 of the same ids, and the
 * plain function 0000:07:00.0 (1000:0001) with the interface eth7.
 */
#ifndef TESTS_LINTED_H
#define TESTS_LINTED_H

#include "host.h"
#include "vfmon/finding.h"

struct linted {
	struct host host;
	struct nova_config *config;
	struct findings findings; /* of the last check */
};

/* For cmocka: *state is the struct linted, which follows Nova 31.0.0. */
int linted_set_up(void **state);
int linted_tear_down(void **state);

/* Checks a nova.conf. */
void linted_check(struct linted *l, const char *text);

/*
 * The same, and fails the test unless this is found, one finding a line: "wrong unknown_key 2:15 #0
 * 0000:3b:02.0", with the line and column, the number of the entry if there is one, the functions.
 */
void linted_expect(struct linted *l, const char *text, const char *expected);

/* Fails the test unless the message, or the remedy, of the last check's first finding has a piece. */
void linted_expect_message(const struct linted *l, const char *piece);
void linted_expect_remedy(const struct linted *l, const char *piece);

#endif
