/* SPDX-License-Identifier: Apache-2.0 */
#include "functions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "specs.h"
#include "vfmon/vf.h"

void functions_init(struct functions *f, version_t nova, const char *value)
{
	const struct spec_rules rules = { .nova = nova, .report_in_placement = true };

	*f = (struct functions){ .config.report_in_placement = true,
				 .policy = { .nova = nova, .host_name = "compute-1" } };
	f->policy.config = &f->config;
	assert_int_equal(device_specs_new(&rules, &f->config.specs), 0);
	specs_add_good(f->config.specs, value);
}

void functions_done(struct functions *f)
{
	for (size_t i = 0; i < f->count; i++)
		vf_unref(f->items[i]);
	device_specs_free(f->config.specs);
}

struct vf *functions_add(struct functions *f, const char *address)
{
	struct pci_addr addr;
	struct vf *vf;

	assert_true(f->count < FUNCTIONS_MAX);
	assert_int_equal(pci_addr_parse(address, &addr), 0);
	assert_int_equal(vf_new(&addr, &vf), 0);
	vf->has_ids = true;
	vf->vendor_id = 0x8086;
	vf->product_id = 0x154c;
	vf->kind = VF_KIND_PCI;
	if (addr.bus <= 0x7f) {
		vf->has_physical_function = addr.slot != 0 || addr.func != 0;
		vf->kind = vf->has_physical_function ? VF_KIND_VF : VF_KIND_PF;
		vf->physical_function = (struct pci_addr){ addr.domain, addr.bus, 0, 0 };
	}
	f->items[f->count++] = vf;
	return vf;
}

static bool is_pf(const char *name, void *arg)
{
	const struct functions *f = arg;
	struct pci_addr addr;

	for (size_t i = 0; i < f->count; i++)
		if (pci_addr_parse(name, &addr) == 0 && f->items[i]->kind == VF_KIND_PF &&
		    pci_addr_compare(&f->items[i]->addr, &addr) == 0)
			return true;
	return false;
}

static bool find_interface(const char *name, struct pci_addr *ret, void *arg)
{
	const struct functions *f = arg;

	if (strcmp(name, "eth0") != 0)
		return false;
	*ret = f->items[0]->addr;
	return true;
}

void functions_match(struct functions *f)
{
	const struct spec_host host = { is_pf, find_interface, f };

	for (size_t i = 0; i < f->count; i++) {
		struct vf *vf = f->items[i];
		const struct spec_subject subject = {
			.addr = vf->addr,
			.vendor_id = vf->vendor_id,
			.product_id = vf->product_id,
			.has_parent = vf->has_physical_function,
			.parent = vf->physical_function,
		};

		vf->spec = spec_match_unref(vf->spec);
		assert_int_equal(device_specs_match(f->config.specs, &host, &subject, &vf->spec),
				 0);
	}
}

void functions_add_all(struct functions *f, const char *addresses)
{
	char text[256], *rest = text, *address;

	assert_true(strlen(addresses) < sizeof(text));
	(void)stpcpy(text, addresses);
	while ((address = strsep(&rest, " ")))
		(void)functions_add(f, address);
	functions_match(f);
}

const struct vf *const *functions_list(const struct functions *f)
{
	return (const struct vf *const *)f->items;
}
