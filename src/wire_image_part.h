/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a Device that are objects and lists; a part of wire_image. */
#ifndef VFMON_WIRE_IMAGE_PART_H
#define VFMON_WIRE_IMAGE_PART_H

#include "vfmon/wire_image.h"

struct text;

/* One Device while it is read. */
struct image_reading {
	const struct value *device;
	struct text_pool *pool;
	struct vf *vf;
	const char *name; /* of the member that is read now */
	char *reason;	  /* WIRE_IMAGE_REASON_MAX bytes */
};

/* Says what is wrong with a member. Returns -EINVAL. */
int wire_image_refuse(struct image_reading *rd, const char *name, const char *what);

/* Puts a text into a field of the image. Returns 0 or -ENOMEM. */
int wire_image_text(struct image_reading *rd, const char *s, struct text **field);

/* Binding, group, nodes, network, vendor state and what an entry said. Returns 0, -EINVAL or -ENOMEM. */
int wire_image_read_parts(struct image_reading *rd);

#endif
