/* SPDX-License-Identifier: Apache-2.0 */
/* The element of a guest's XML that Nova would write for a function (virt/libvirt/config.py). */
#ifndef VFMON_HOSTDEV_XML_H
#define VFMON_HOSTDEV_XML_H

struct policy;
struct vf;

/*
 * The <hostdev> of a flavor's device, or, for a function of a physical_network, the form that a
 * Neutron port gets. Returns 0 and a text that the caller frees, -ENOMEM, or -ENODATA: no entry
 * takes the function.
 */
int hostdev_xml(const struct policy *policy, const struct vf *vf, char **ret);

#endif
