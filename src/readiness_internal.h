/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the verdict share. */
#ifndef VFMON_READINESS_INTERNAL_H
#define VFMON_READINESS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/readiness.h"

/* What the rules look at. */
struct readiness_facts {
	const struct readiness_input *in;
	const struct vf *vf;
	struct text *choice; /* the driver that libvirt would bind it to; NULL: not known */
	bool managed;
	bool moves; /* and bound to what libvirt does not choose; false where that is not known */
	bool undecided; /* something is not known without which no start can be promised */
};

/* What libvirt will do; the texts are borrowed. */
struct readiness_prediction {
	int8_t starts; /* as guest_starts of struct vf */
	struct text *during;
	struct text *after;
};

/* The reasons are those of the same facts. */
struct readiness_prediction readiness_predict(const struct readiness_facts *f, uint32_t reasons);

/* In a state in which it stays until somebody changes it, and which is known. */
bool readiness_is_settled(const struct vf *vf);

/*
 * Whether two names are one driver's. The name of the module stands for that of a driver which is
 * not loaded, and has '_' where the driver may have '-'.
 */
bool readiness_same_driver(const char *a, const char *b);

/* The driver that libvirt would move it to. Borrowed, never NULL. */
const char *readiness_choice(const struct vf *vf);

/* Writes the command of struct reason. */
void readiness_remedy(const struct vf *vf, enum reason_code code, char buf[static REASON_TEXT_MAX]);

#endif
