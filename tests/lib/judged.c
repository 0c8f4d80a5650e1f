/* SPDX-License-Identifier: Apache-2.0 */
#include "judged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#define OLD_LIBVIRT VERSION(9, 10, 0)

struct text *judged_text(struct judged *b, const char *s)
{
	struct text *t = NULL;

	assert_int_equal(text_take(b->pool, s, &t), 0);
	return t;
}

void judged_set(struct judged *b, struct text **field, const char *s)
{
	text_unref(*field);
	*field = judged_text(b, s);
}

static struct vf *function(const char *address)
{
	struct pci_addr addr;
	struct vf *vf = NULL;

	assert_int_equal(pci_addr_parse(address, &addr), 0);
	assert_int_equal(vf_new(&addr, &vf), 0);
	return vf;
}

static void set_state(struct judged *b, enum vf_binding state)
{
	static const char *const drivers[VF_BINDING_COUNT] = {
		[VF_BINDING_PROBING] = JUDGED_HOST_DRIVER,
		[VF_BINDING_HOST] = JUDGED_HOST_DRIVER,
		[VF_BINDING_VFIO_GENERIC] = JUDGED_GENERIC,
		[VF_BINDING_VFIO_VARIANT] = JUDGED_VARIANT,
		[VF_BINDING_VFIO_VENDOR] = JUDGED_VENDOR,
		[VF_BINDING_UNBINDING] = JUDGED_GENERIC,
		[VF_BINDING_STUCK] = JUDGED_GENERIC,
	};

	b->vf->binding = (uint8_t)state;
	judged_set(b, &b->vf->driver, drivers[state]);
	b->vf->nodes = vf_is_vfio(b->vf) ? VF_NODE_GROUP : 0;
}

void judged_init(struct judged *b, enum vf_binding state, bool managed)
{
	*b = (struct judged){ 0 };
	assert_int_equal(text_pool_new(&b->pool), 0);
	b->vf = function("0000:3b:10.0");
	b->vf->kind = VF_KIND_VF;
	b->vf->has_physical_function = true;
	b->pf = function("0000:3b:00.0");
	b->vf->physical_function = b->pf->addr;
	b->vf->iommu_group = 7;
	b->group = calloc(1, sizeof(*b->group) + 2 * sizeof(struct vf_group_member));
	assert_non_null(b->group);
	b->group->refs = 2;
	b->group->count = 2;
	b->group->members[0] = (struct vf_group_member){ b->pf->addr, judged_text(b, "igb"),
							 false };
	b->group->members[1] = (struct vf_group_member){ b->vf->addr, NULL, true };
	b->vf->group = b->group;
	b->pf->kind = VF_KIND_PF;
	b->pf->binding = VF_BINDING_HOST;
	b->pf->drivers_autoprobe = 1;
	b->spec = (struct spec_match){ .refs = 2, .file = "/etc/nova/nova.conf", .line = 211 };
	b->vf->spec = &b->spec;
	judged_set(b, &b->vf->best_driver, JUDGED_VARIANT);
	judged_set(b, &b->vf->best_module, JUDGED_VARIANT);
	b->policy = (struct policy){ .config = &b->config, .nova = NOVA_NEWEST, .host_name = "c" };
	b->in = (struct readiness_input){
		&b->policy, b->pool, b->pf, PLACEMENT_NO_CONFLICT, true, 0
	};
	b->spec.managed = b->spec.managed_effective = managed;
	set_state(b, state);
}

void judged_done(struct judged *b)
{
	vf_unref(b->vf);
	vf_unref(b->pf);
	vf_group_unref(b->group);
	assert_int_equal(text_pool_count(b->pool), 0);
	text_pool_free(b->pool);
}

void judged_decide(struct judged *b)
{
	assert_int_equal(readiness_judge(&b->in, b->vf), 0);
}

void judged_no_iommu(struct judged *b)
{
	b->vf->group = vf_group_unref(b->vf->group);
	b->vf->iommu_group = -1;
}

void judged_noiommu_mode(struct judged *b)
{
	b->vf->iommu_group_noiommu = true;
	b->vf->nodes = VF_NODE_NOIOMMU_GROUP;
}

void judged_shared_group(struct judged *b)
{
	b->group->members[0].blocks = true;
}

void judged_host_address(struct judged *b)
{
	judged_set(b, &b->vf->host_use, "has an address on its interface enp1s0 (192.0.2.1/24)");
}

void judged_in_use(struct judged *b)
{
	b->vf->in_use = 1;
}

void judged_without_nodes(struct judged *b)
{
	b->vf->nodes = 0;
}

void judged_cdev_only(struct judged *b)
{
	b->vf->nodes = VF_NODE_CDEV;
}

void judged_kernel_without_groups(struct judged *b)
{
	b->in.has_group_nodes = false;
}

void judged_cdev_of_kernel_without_groups(struct judged *b)
{
	judged_cdev_only(b);
	judged_kernel_without_groups(b);
}

void judged_vgpu_unset(struct judged *b)
{
	judged_set(b, &b->vf->vendor_problem, "current_vgpu_type is 0: no vGPU type is set");
}

void judged_old_libvirt(struct judged *b)
{
	b->policy.libvirt = OLD_LIBVIRT;
}

void judged_new_libvirt(struct judged *b)
{
	b->policy.libvirt = VERSION(10, 0, 0);
}

void judged_no_variant(struct judged *b)
{
	judged_set(b, &b->vf->best_driver, JUDGED_GENERIC);
}

void judged_module_name_for_driver(struct judged *b)
{
	judged_set(b, &b->vf->best_driver, "vfio_pci");
}

void judged_unknown_best(struct judged *b)
{
	judged_set(b, &b->vf->best_driver, NULL);
}

void judged_pf_without_driver(struct judged *b)
{
	b->pf->binding = VF_BINDING_UNBOUND;
}

void judged_pf_not_known(struct judged *b)
{
	b->in.pf = NULL;
}

void judged_no_autoprobe(struct judged *b)
{
	b->pf->drivers_autoprobe = 0;
}

void judged_by_override(struct judged *b)
{
	judged_set(b, &b->vf->driver_override, JUDGED_HOST_DRIVER);
}

void judged_for_network(struct judged *b)
{
	b->spec.managed = false;
	b->spec.managed_effective = true;
}

void judged_under_parallels(struct judged *b)
{
	b->spec.managed = true;
	b->spec.managed_effective = false;
}

void judged_is_pf(struct judged *b)
{
	b->vf->kind = VF_KIND_PF;
	b->vf->has_physical_function = false;
	b->vf->num_vfs = 4;
	b->in.pf = NULL;
}

void judged_is_empty_pf(struct judged *b)
{
	judged_is_pf(b);
	b->vf->num_vfs = 0;
}

void judged_is_pf_in_a_group_with_its_vfs(struct judged *b)
{
	judged_is_pf(b);
	judged_shared_group(b);
}

void judged_is_vdpa(struct judged *b)
{
	b->vf->is_vdpa = true;
}

void judged_mixed_classes(struct judged *b)
{
	b->in.conflict = PLACEMENT_MIXED_CLASSES;
}

void judged_mixed_managed(struct judged *b)
{
	b->in.conflict = PLACEMENT_MIXED_MANAGED;
}

void judged_without_parent(struct judged *b)
{
	b->in.conflict = PLACEMENT_NO_PARENT;
}

void judged_group_not_told(struct judged *b)
{
	judged_no_iommu(b);
	b->vf->not_told = VF_NOT_TOLD_GROUP;
}

void judged_nodes_not_told(struct judged *b)
{
	b->vf->nodes = 0;
	b->vf->not_told = VF_NOT_TOLD_NODES;
}

void judged_shared_and_without_nodes(struct judged *b)
{
	judged_shared_group(b);
	judged_without_nodes(b);
}

void judged_silent(struct judged *b)
{
	b->vf->silent_sec = 12;
}

void judged_pf_silent(struct judged *b)
{
	b->in.pf_silent_sec = 12;
}
