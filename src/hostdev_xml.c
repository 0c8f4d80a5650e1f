/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/hostdev_xml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/vf.h"

/* The first 16 bits of an InfiniBand controller's class. */
#define CLASS_INFINIBAND 0x0207

#define VIRT_TYPE_LXC "lxc"

#define ADDRESS "<address %sdomain=\"0x%04x\" bus=\"0x%02x\" slot=\"0x%02x\" function=\"0x%x\"/>"
#define SOURCE "  <source>\n    " ADDRESS "\n  </source>\n"

#define HOSTDEV "<hostdev mode=\"subsystem\" type=\"pci\" managed=\"%s\">\n" SOURCE "</hostdev>\n"

/* libvirt takes an interface without a MAC address: it makes one up. */
#define INTERFACE                                                                                  \
	"<interface type=\"hostdev\" managed=\"yes\">\n"                                           \
	"  <!-- Nova puts the port's mac element here, and its vlan -->\n" SOURCE "</interface>\n"

/* A port on a whole PF and one of InfiniBand get a <hostdev>; managed_effective is true there. */
static bool is_interface(const struct vf *vf)
{
	return vf->kind == VF_KIND_VF && vf->spec->has_physical_network &&
	       !(vf->has_class && vf->class_code >> 8 == CLASS_INFINIBAND);
}

/* Containers get no devices; where Nova makes the element all the same it leaves managed alone. */
static bool is_managed(const struct policy *policy, const struct vf *vf)
{
	const char *virt_type = policy->config->virt_type;

	return vf->spec->managed_effective || (virt_type && strcmp(virt_type, VIRT_TYPE_LXC) == 0);
}

int hostdev_xml(const struct policy *policy, const struct vf *vf, char **ret)
{
	const struct pci_addr *a = &vf->addr;
	char *text;
	int r;

	if (!vf->spec)
		return -ENODATA;
	if (is_interface(vf))
		r = asprintf(&text, INTERFACE, "type=\"pci\" ", a->domain, a->bus, a->slot,
			     a->func);
	else
		r = asprintf(&text, HOSTDEV, is_managed(policy, vf) ? "yes" : "no", "", a->domain,
			     a->bus, a->slot, a->func);
	if (r < 0)
		return -ENOMEM;
	*ret = text;
	return 0;
}
