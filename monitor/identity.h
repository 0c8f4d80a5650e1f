/* SPDX-License-Identifier: Apache-2.0 */
/* Who is who: this boot, this run of the daemon, this kernel, and what functions are called. */
#ifndef VFMOND_IDENTITY_H
#define VFMOND_IDENTITY_H

#include <stdbool.h>

struct daemon;
struct tracker;
struct udevsrc;
struct vf;

/* Fills boot_id (from the kernel) and epoch (random, another one for each run). */
void identity_read(struct daemon *d);

/* Whether the running kernel's release is this one or later. */
bool kernel_is_at_least(int major, int minor);

/* Whether there is a node for containers of groups; the module that makes it may come later. */
bool kernel_has_group_nodes(const char *dev_root);

/* Sets an image's names from udev's hardware database; without memory it stays without. */
void identity_name(struct udevsrc *udev, struct tracker *tracker, struct vf *vf);

#endif
