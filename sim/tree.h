/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out the moves that are about files, below one folder that has sys/, dev/ and modules/. */
#ifndef VFMOND_SIM_TREE_H
#define VFMOND_SIM_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "move.h"

struct hung_file;

struct tree {
	/* the folder; borrowed */
	int fd;
	struct hung_file *hung;
};

/* Begins in an empty folder on a tmpfs. Returns 0 or -errno. */
int tree_init(struct tree *t, int fd);
void tree_done(struct tree *t);

/* Any move but an event. Returns 0 or -errno. */
int tree_apply(struct tree *t, const struct move *move);

/* The inode of a directory below sys/, or 0. A model_inode_fn; arg is the tree. */
uint64_t tree_inode(const char *path, void *arg);

#endif
