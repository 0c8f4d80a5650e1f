/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that bind and unbind, for the table in perform.c. Pure. */
#ifndef VFMOND_SIM_PERFORM_H
#define VFMOND_SIM_PERFORM_H

#include "host.h"

/* A step on its way: what it says, and where to say why the kernel would refuse it. */
struct attempt {
	const struct step *step;
	struct scenario_error *error;
	/* what the step's address names, if it has one */
	struct function *f;
};

/* Says that an argument (0 is the step's own word) can not be. Returns -EINVAL. */
int perform_refuse(const struct attempt *a, size_t argument, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The name of a VF of this PF that somebody holds, or NULL. */
const char *perform_held_vf(const struct function *pf);

/* Each returns 0, -EINVAL with the error filled, or -errno. */
int perform_bind(struct host *h, const struct attempt *a);
int perform_fail_probe(struct host *h, const struct attempt *a);
int perform_slow_probe(struct host *h, const struct attempt *a);
int perform_fail(struct host *h, const struct attempt *a);
int perform_probe(struct host *h, const struct attempt *a);
int perform_unbind(struct host *h, const struct attempt *a);
int perform_stuck(struct host *h, const struct attempt *a);
int perform_release(struct host *h, const struct attempt *a);
int perform_open(struct host *h, const struct attempt *a);
int perform_close(struct host *h, const struct attempt *a);
int perform_override(struct host *h, const struct attempt *a);

#endif
