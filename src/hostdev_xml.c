/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/hostdev_xml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "vfmon/device_spec.h"
#include "vfmon/vf.h"

/* The first 16 bits of an InfiniBand controller's class. */
#define CLASS_INFINIBAND 0x0207

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

int hostdev_xml(const struct policy *policy, const struct vf *vf, char **ret)
{
	const struct pci_addr *a = &vf->addr;
	char *text;
	int r;

	(void)policy;
	if (!vf->spec)
		return -ENODATA;
	if (is_interface(vf))
		r = asprintf(&text, INTERFACE, "type=\"pci\" ", a->domain, a->bus, a->slot,
			     a->func);
	else
		r = asprintf(&text, HOSTDEV, vf->spec->managed_effective ? "yes" : "no", "",
			     a->domain, a->bus, a->slot, a->func);
	if (r < 0)
		return -ENOMEM;
	*ret = text;
	return 0;
}
