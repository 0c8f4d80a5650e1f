/* SPDX-License-Identifier: Apache-2.0 */
#include "device_spec_entry.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"

/* Nova skips a device whose domain needs more. */
#define DOMAIN_MAX 0xffff

static bool is_pf(const struct spec_host *host, const char *name)
{
	return host && name && host->is_physical_function &&
	       host->is_physical_function(name, host->arg);
}

/* Nova looks the interface up each time. */
static bool find_interface(const struct spec_entry *entry, const struct spec_host *host,
			   struct pci_addr *ret)
{
	return host && host->find_interface && host->find_interface(entry->devname, ret, host->arg);
}

static bool is_interface_of_pf(const struct spec_host *host, const struct pci_addr *addr)
{
	char name[PCI_ADDR_TEXT_MAX];

	return is_pf(host, pci_addr_format(addr, name));
}

static bool interface_takes(const struct spec_entry *entry, const struct spec_host *host,
			    const struct spec_subject *subject)
{
	struct pci_addr addr;

	if (!find_interface(entry, host, &addr))
		return false;
	if (pci_addr_compare(&addr, &subject->addr) == 0)
		return true;
	return subject->has_parent && pci_addr_compare(&addr, &subject->parent) == 0 &&
	       is_interface_of_pf(host, &addr);
}

/* A PF's entry takes all its VFs; a wider one that covers the PF does not. */
static bool address_takes(const struct spec_entry *entry, const struct spec_host *host,
			  const struct spec_subject *subject)
{
	const struct spec_address *a = &entry->address;

	if (spec_address_takes(a, &subject->addr))
		return true;
	return subject->has_parent && a->name && spec_address_takes(a, &subject->parent) &&
	       is_pf(host, a->name);
}

bool spec_entry_fits(const struct spec_entry *entry, const struct spec_host *host,
		     const struct spec_subject *subject)
{
	if (subject->addr.domain > DOMAIN_MAX ||
	    !spec_field_takes(entry->vendor_id, subject->vendor_id) ||
	    !spec_field_takes(entry->product_id, subject->product_id))
		return false;
	return entry->devname ? interface_takes(entry, host, subject)
			      : address_takes(entry, host, subject);
}

bool spec_entry_takes(const struct spec_entry *entry, const struct spec_host *host,
		      const struct spec_subject *subject)
{
	if (entry->remote_managed && (!subject->card_serial || !*subject->card_serial))
		return false;
	return spec_entry_fits(entry, host, subject);
}

const char *spec_entry_refused(const struct spec_entry *entry, const struct spec_host *host,
			       const char **ret_class)
{
	struct pci_addr addr;

	if (!entry->remote_managed || !host)
		return NULL;
	if (entry->devname && !find_interface(entry, host, &addr)) {
		*ret_class = NOVA_REMOTE_NOT_PRESENT;
		return "remote_managed is true and there is no interface of the name in devname";
	}
	if (entry->devname ? !is_interface_of_pf(host, &addr) : !is_pf(host, entry->address.name))
		return NULL;
	/* Nova wants to compare ids, but looks for the PF in a place where none ever is. */
	*ret_class = NOVA_DEVICE_NOT_FOUND;
	return "remote_managed is true and the entry names a physical function: "
	       "\"PCI device ... not found\"";
}
