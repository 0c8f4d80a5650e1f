/* SPDX-License-Identifier: Apache-2.0 */
/* A driver comes to a function and goes, in the kernel's order of links and events. Pure. */
#ifndef VFMOND_SIM_BINDING_H
#define VFMOND_SIM_BINDING_H

#include "host.h"

/* The probe begins: pointer and links are there, nothing is sent. */
void binding_begin(struct host *h, struct function *f, struct driver *d);

/* The probe has succeeded: children, and the `bind` event. Returns 0 or -ENOMEM. */
int binding_succeed(struct host *h, struct function *f);

/* The probe has failed: links and pointer go again, nothing is sent. */
void binding_fail(struct host *h, struct function *f);

/* Begins and succeeds. Returns 0 or -ENOMEM. */
int binding_bind(struct host *h, struct function *f, struct driver *d);

/* Tries the driver that matches, if there is one, on a function without. Returns 0 or -ENOMEM. */
int binding_try(struct host *h, struct function *f);

/* False for a VF whose PF has sriov_drivers_autoprobe off, unless it has an override. */
bool binding_can_probe(const struct function *f);

/*
 * The driver goes. If somebody holds the function this ends half-way, without links but with the
 * pointer, and goes on in binding_release().
 */
void binding_unbind(struct host *h, struct function *f);

/* What was held is let go: an unbind that waits comes to its end. */
void binding_release(struct host *h, struct function *f);

/* Whether a guest can open it: a VFIO driver has registered it. */
bool binding_is_vfio(const struct function *f);

#endif
