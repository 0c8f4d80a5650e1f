/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client believes of the host: snapshots and changes folded by the rules that the interface
 * gives. It checks on the way what the interface promises of each change.
 */
#ifndef VFMON_TEST_VIEW_H
#define VFMON_TEST_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "json.h"

struct view {
	const char *name;	     /* for messages; borrowed */
	struct json_object *filter;  /* NULL: everything; borrowed */
	struct json_object *devices; /* by address */
	uint64_t last;		     /* sequence of the last change */
	/*
	 * Up to here a snapshot that was under way may have shown what a change tells once more. Who
	 * serves it knows; a client need not.
	 */
	uint64_t blurred;
};

void view_init(struct view *v, const char *name, struct json_object *filter);
void view_done(struct view *v);

/* A snapshot begins. */
void view_clear(struct view *v);

void view_fold_snapshot(struct view *v, struct json_object *devices);
void view_fold_change(struct view *v, struct json_object *change);

#endif
