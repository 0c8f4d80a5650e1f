/* SPDX-License-Identifier: Apache-2.0 */
/* What a client of a stage that believes every reply of its watch thinks of the VFs. */
#ifndef VFMON_TEST_BELIEF_H
#define VFMON_TEST_BELIEF_H

#include <stddef.h>
#include <stdint.h>

#include "peer.h"

#define BELIEF_VFS_MAX 64

/* All zero: nothing was heard yet. */
struct belief {
	char value[BELIEF_VFS_MAX][2048]; /* driver_override; "-": there is no such function */
	int64_t sequence;		  /* of the last change */
	size_t messages;
	size_t merged; /* changes that stand for several */
};

/* Believes one reply. Fails the test if the numbers of changes do not ascend. */
void belief_take(struct belief *b, const struct stage *stage, const char *message);

/* Reads until the registry's last change has come. */
void belief_catch_up(struct belief *b, struct peer *peer);

/* Fails the test unless everything is as the registry has it. */
void belief_expect_truth(const struct belief *b, const struct stage *stage);

#endif
