/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command that mends a reason, one line for a root shell. None where the operator has to think:
 * where the host itself, or a guest, works with what would be taken from it.
 */
#include <stdio.h>
#include <string.h>

#include "readiness_internal.h"
#include "vfmon/names.h"
#include "vfmon/text.h"

const char *readiness_choice(const struct vf *vf)
{
	const struct text *seen = vf->driver_during ? vf->driver_during : vf->driver_after;

	/* It is in the prediction, where the function is moved. */
	if (seen && (!vf->driver || !readiness_same_driver(text_str(seen), text_str(vf->driver))))
		return text_str(seen);
	if (vf->best_driver && (!vf->driver || !readiness_same_driver(text_str(vf->best_driver),
								      text_str(vf->driver))))
		return text_str(vf->best_driver);
	return VFIO_PCI_DRIVER;
}

/* What may go to a shell as it is: the names that the kernel gives to drivers do. */
static bool is_plain(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.";

	return *name && name[strspn(name, plain)] == '\0' && *name != '-';
}

/* Whether taking the present driver off could hang, or take from the host what it works with. */
static bool is_needed(const struct vf *vf)
{
	if (vf->host_use || (vf->kind == VF_KIND_PF && vf->num_vfs > 0))
		return true;
	return vf_is_vfio(vf) && vf->in_use == 1;
}

/* The name of most drivers does for modprobe, which makes no difference between '-' and '_'. */
static const char *module_of(const struct vf *vf, const char *driver)
{
	if (vf->best_module && vf->best_driver && strcmp(driver, text_str(vf->best_driver)) == 0)
		return text_str(vf->best_module);
	return driver;
}

static void bind_to(const struct vf *vf, const char *driver, char *buf)
{
	char addr[PCI_ADDR_TEXT_MAX];
	char unbind[REASON_TEXT_MAX / 4] = "";
	const char *module = module_of(vf, driver);

	if (is_needed(vf) || !is_plain(driver) || !is_plain(module))
		return;
	pci_addr_format(&vf->addr, addr);
	if (vf->has_driverctl) {
		(void)snprintf(buf, REASON_TEXT_MAX, REMEDY_DRIVERCTL, addr, driver);
		return;
	}
	if (vf->binding != VF_BINDING_UNBOUND)
		(void)snprintf(unbind, sizeof(unbind), REMEDY_UNBIND, addr, addr);
	(void)snprintf(buf, REASON_TEXT_MAX, REMEDY_BIND, module, driver, addr, unbind, addr);
}

static const char *best_of(const struct vf *vf)
{
	return vf->best_driver ? text_str(vf->best_driver) : VFIO_PCI_DRIVER;
}

/* The kernel makes the node of a group anew when its only member is bound again. */
static void bind_again(const struct vf *vf, char *buf)
{
	const char *driver = vf->driver ? text_str(vf->driver) : "";
	char addr[PCI_ADDR_TEXT_MAX];

	if (is_needed(vf) || !is_plain(driver) || vf->binding == VF_BINDING_VFIO_VENDOR ||
	    !vf->group || vf->group->count > 1)
		return;
	pci_addr_format(&vf->addr, addr);
	(void)snprintf(buf, REASON_TEXT_MAX, REMEDY_BIND_AGAIN, addr, addr, addr, driver);
}

static void probe_physical_function(const struct vf *vf, char *buf)
{
	char addr[PCI_ADDR_TEXT_MAX];

	if (vf->has_physical_function)
		(void)snprintf(buf, REASON_TEXT_MAX, REMEDY_PROBE,
			       pci_addr_format(&vf->physical_function, addr));
}

void readiness_remedy(const struct vf *vf, enum reason_code code, char buf[static REASON_TEXT_MAX])
{
	buf[0] = '\0';
	switch (code) {
	case REASON_MANAGED_NO_HOST_DRIVER:
	case REASON_MANAGED_NO_UNBOUND:
	case REASON_GENERIC_DRIVER_VARIANT_AVAILABLE:
		bind_to(vf, best_of(vf), buf);
		break;
	case REASON_MANAGED_YES_REBINDS:
		bind_to(vf, readiness_choice(vf), buf);
		break;
	case REASON_VFIO_NODE_MISSING:
		bind_again(vf, buf);
		break;
	case REASON_PHYSICAL_FUNCTION_UNBOUND:
		probe_physical_function(vf, buf);
		break;
	/* Another entry in nova.conf, the firmware, a vendor's type: nothing to type here. */
	case REASON_MANAGED_YES_VENDOR_DRIVER:
	case REASON_HOST_USES_DEVICE:
	case REASON_PHYSICAL_FUNCTION_HAS_VFS:
	case REASON_BINDING_IN_TRANSITION:
	case REASON_UNBIND_STUCK:
	case REASON_NO_IOMMU_GROUP:
	case REASON_IOMMU_GROUP_NOT_VIABLE:
	case REASON_VGPU_TYPE_UNSET:
	case REASON_PHYSICAL_FUNCTION_NOT_ANSWERING:
	case REASON_MANAGED_IGNORED_FOR_NETWORK:
	case REASON_PLACEMENT_CONFLICT:
	case REASON_COUNT:
		break;
	}
}
