/* SPDX-License-Identifier: Apache-2.0 */
/* The model as JSON, in the field names of Device, for tests to compare with. Pure. */
#ifndef VFMOND_SIM_MODEL_H
#define VFMOND_SIM_MODEL_H

#include <stdio.h>

#include "host.h"

/* The inode of a function's directory, or 0; path as in struct function. */
typedef uint64_t (*model_inode_fn)(const char *path, void *arg);

/* Writes {"devices": [...]}, one function a line; inode can be NULL. Returns 0 or -EIO. */
int model_write(const struct host *h, FILE *file, model_inode_fn inode, void *arg);

/* The binding state that an observer should come to. */
const char *model_state(const struct function *f);

#endif
