/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Device of the interface read back: from a dump of another host, from the state file. What is
 * missing is not known, see VF_NOT_TOLD_GROUP and its like; what is of a wrong form is refused.
 */
#ifndef VFMON_WIRE_IMAGE_H
#define VFMON_WIRE_IMAGE_H

struct text_pool;
struct value;
struct vf;

#define WIRE_IMAGE_REASON_MAX 256

/*
 * Makes an image, of which the caller has the only reference. address, kind, vendor_id, product_id
 * and, of a VF, physical_function must be there; a member or a word that is not known is passed
 * over. The verdict (readiness, guest_start) is not read: it is made again. Returns 0, -ENOMEM, or
 * -EINVAL with a sentence in ret_reason that names the member.
 */
int wire_image_read(const struct value *device, struct text_pool *pool, struct vf **ret,
		    char ret_reason[static WIRE_IMAGE_REASON_MAX]);

#endif
