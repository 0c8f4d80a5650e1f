/* SPDX-License-Identifier: Apache-2.0 */
/* Who is who: this boot, this run of the daemon, and what functions are called. */
#ifndef VFMOND_IDENTITY_H
#define VFMOND_IDENTITY_H

struct daemon;
struct tracker;
struct udevsrc;
struct vf;

/* Fills boot_id and network_namespace (from the kernel), and epoch (random, new for each run). */
void identity_read(struct daemon *d);

/* Sets an image's names from udev's hardware database; without memory it stays without. */
void identity_name(struct udevsrc *udev, struct tracker *tracker, struct vf *vf);

#endif
