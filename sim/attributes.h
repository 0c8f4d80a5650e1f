/* SPDX-License-Identifier: Apache-2.0 */
/* The files in a function's directory, each text as the kernel prints it. Pure. */
#ifndef VFMOND_SIM_ATTRIBUTES_H
#define VFMOND_SIM_ATTRIBUTES_H

#include "host.h"

#define MODALIAS_MAX 72

/* Writes the modalias into buf and returns buf. */
const char *attributes_modalias(const struct function *f, char buf[static MODALIAS_MAX]);

/* Makes all files but uevent, which depends on the driver. */
void attributes_add(struct host *h, const struct function *f);

/* Removes all files, as they go before the `remove` event. */
void attributes_remove(struct host *h, const struct function *f);

#endif
