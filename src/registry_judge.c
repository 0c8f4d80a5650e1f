/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration says of an image, and the verdict about it. */
#include <errno.h>
#include <string.h>

#include "registry_internal.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/readiness.h"
#include "vfmon/text.h"

/* Who is asked, and the image of one function that the registry does not have yet. */
struct question {
	const struct registry *r;
	const struct vf *vf;
};

struct device_specs *registry_specs(const struct registry *r)
{
	return r->options.policy ? r->options.policy->config->specs : NULL;
}

bool registry_is_physical_function(const struct vf *vf)
{
	return vf && vf->kind == VF_KIND_PF && vf->total_vfs != 0;
}

/* Nova opens a path: another writing of the same address is another name. */
static bool parse_exactly(const char *name, struct pci_addr *ret)
{
	char text[PCI_ADDR_TEXT_MAX];

	return pci_addr_parse(name, ret) == 0 && strcmp(pci_addr_format(ret, text), name) == 0;
}

bool registry_has_physical_function(const struct registry *r, const char *name)
{
	struct pci_addr addr;
	const struct entry *e = parse_exactly(name, &addr) ? addr_table_get(&r->entries, &addr)
							   : NULL;

	return e && registry_is_physical_function(e->vf);
}

bool registry_find_interface(const struct registry *r, const char *name, struct pci_addr *ret)
{
	return interfaces_find(&r->interfaces, name, ret);
}

static bool on_is_physical_function(const char *name, void *arg)
{
	const struct question *q = arg;
	struct pci_addr addr;

	if (parse_exactly(name, &addr) && pci_addr_compare(&addr, &q->vf->addr) == 0)
		return registry_is_physical_function(q->vf);
	return registry_has_physical_function(q->r, name);
}

static bool on_find_interface(const char *name, struct pci_addr *ret, void *arg)
{
	const struct question *q = arg;

	if (q->vf->interface && strcmp(text_str(q->vf->interface), name) == 0) {
		*ret = q->vf->addr;
		return true;
	}
	return interfaces_find(&q->r->interfaces, name, ret) &&
	       pci_addr_compare(ret, &q->vf->addr) != 0;
}

static struct spec_subject subject_of(const struct vf *vf)
{
	return (struct spec_subject){
		.addr = vf->addr,
		.vendor_id = vf->vendor_id,
		.product_id = vf->product_id,
		.has_parent = vf->kind == VF_KIND_VF && vf->has_physical_function,
		.parent = vf->physical_function,
		.card_serial = text_str(vf->card_serial),
	};
}

static struct spec_host host_of(struct question *q)
{
	return (struct spec_host){ on_is_physical_function, on_find_interface, q };
}

bool registry_has_group_nodes(const struct registry *r)
{
	return r->options.has_group_nodes || r->nodes_seen & VF_NODE_GROUP ||
	       !(r->nodes_seen & VF_NODE_CDEV);
}

int registry_match(const struct registry *r, struct vf *vf)
{
	struct question q = { r, vf };
	const struct spec_host host = host_of(&q);
	const struct spec_subject subject = subject_of(vf);
	struct device_specs *specs = registry_specs(r);
	struct spec_match *match = NULL;

	if (r->options.keep_specs)
		return 0;
	if (specs && vf->has_ids && device_specs_match(specs, &host, &subject, &match) < 0)
		return -ENOMEM;
	spec_match_unref(vf->spec);
	vf->spec = match;
	return 0;
}

/* Of its PF, which need not be known to be one: it may never have answered. */
static uint32_t silence_of_pf(const struct registry *r, const struct entry *e, const struct vf *vf)
{
	const struct entry *pf = e->family ? e->family->pf : NULL;

	if (vf->kind != VF_KIND_VF || !vf->has_physical_function)
		return 0;
	if (!pf)
		pf = addr_table_get(&r->entries, &vf->physical_function);
	return pf && pf->vf ? pf->vf->silent_sec : 0;
}

int registry_judge(const struct registry *r, const struct entry *e, struct vf *vf)
{
	const struct family *f = e->family;
	const struct readiness_input in = {
		.policy = r->options.policy,
		.pool = r->options.pool,
		.pf = f && f->pf && f->pf != e ? f->pf->vf : NULL,
		.pf_silent_sec = silence_of_pf(r, e, vf),
		.conflict = f ? f->conflict : PLACEMENT_NO_CONFLICT,
		.has_group_nodes = registry_has_group_nodes(r),
	};

	return readiness_judge(&in, vf);
}

bool registry_wants_card_serial(const struct registry *r, const struct pci_addr *addr)
{
	const struct entry *e = addr_table_get(&r->entries, addr);
	struct device_specs *specs = registry_specs(r);

	if (!e || !e->vf || !specs || !e->vf->has_ids || !device_specs_use_card_serial(specs))
		return false;

	struct question q = { r, e->vf };
	const struct spec_host host = host_of(&q);
	const struct spec_subject subject = subject_of(e->vf);

	return device_specs_want_card_serial(specs, &host, &subject);
}
