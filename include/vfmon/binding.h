/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state machine of a function's binding. What the records of one read mean depends on what was
 * seen before and on time, as the kernel announces neither the begin of a probe nor its failure.
 */
#ifndef VFMON_BINDING_H
#define VFMON_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/observation.h"
#include "vfmon/vf.h"

/* What has to be remembered of a function between two reads. */
struct binding_memory {
	bool seen;	   /* a read was folded */
	bool settled;	   /* the present link was confirmed by a bind event or by time */
	bool was_there;	   /* nobody can have heard of the link's bind: it counts as bound */
	bool only_driver;  /* the last read found DRIVER= but no link */
	bool may_be_begin; /* and that may be the begin of a bind */
	uint64_t
		pending_usec; /* CLOCK_BOOTTIME since when link or unbinding is as it is; 0: none */
	const struct text *link; /* the driver of the last read's link; only compared */
};

struct binding_input {
	const struct observation *obs;
	const struct text *link;  /* obs->link_driver as the registry keeps it; NULL: no link */
	bool first_scan;	  /* it was there before the watch began */
	bool kernel_has_vfio_dev; /* kernel 6.1 or later makes vfio-dev/ */
	uint64_t now_usec;	  /* CLOCK_BOOTTIME */
	uint64_t stuck_after_usec;
};

struct binding_verdict {
	enum vf_binding state;
	enum vf_evidence evidence;
	uint64_t again_usec; /* CLOCK_BOOTTIME when to read again; 0: not by itself */
};

/*
 * Folds one read into the memory and says what the function's state is. The rules are those of the
 * kernel's driver core (drivers/base/dd.c): the link stands before the probe runs and goes first on
 * unbind, a bind event follows only a probe that worked, and DRIVER= stays until an unbind is over.
 */
void binding_fold(struct binding_memory *memory, const struct binding_input *in,
		  struct binding_verdict *ret);

#endif
