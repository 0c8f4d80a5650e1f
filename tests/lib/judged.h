/* SPDX-License-Identifier: Apache-2.0 */
/* One function to be judged, with all that is around it, and what can be done to it before. */
#ifndef VFMON_TEST_JUDGED_H
#define VFMON_TEST_JUDGED_H

#include <stdbool.h>

#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/readiness.h"
#include "vfmon/text.h"

#define JUDGED_HOST_DRIVER "igbvf"
#define JUDGED_GENERIC "vfio-pci"
#define JUDGED_VARIANT "test_vfio_pci"
#define JUDGED_VENDOR "nvidia"

/* A VF in a group of two, the best variant is JUDGED_VARIANT. */
struct judged {
	struct text_pool *pool;
	struct vf *vf;
	struct vf *pf;
	struct vf_group *group;
	struct spec_match spec;
	struct nova_config config;
	struct policy policy;
	struct readiness_input in;
};

void judged_init(struct judged *b, enum vf_binding state, bool managed);
void judged_done(struct judged *b);

struct text *judged_text(struct judged *b, const char *s);

/* Another text in one of its fields; NULL: none. */
void judged_set(struct judged *b, struct text **field, const char *s);

void judged_decide(struct judged *b);

/* What is done to it before it is judged. */
typedef void (*judged_change_fn)(struct judged *b);
void judged_no_iommu(struct judged *b);
void judged_noiommu_mode(struct judged *b);
void judged_shared_group(struct judged *b);
void judged_host_address(struct judged *b);
void judged_in_use(struct judged *b);
void judged_without_nodes(struct judged *b);
void judged_cdev_only(struct judged *b);
void judged_kernel_without_groups(struct judged *b);
void judged_cdev_of_kernel_without_groups(struct judged *b);
void judged_vgpu_unset(struct judged *b);
void judged_old_libvirt(struct judged *b);
void judged_new_libvirt(struct judged *b);
void judged_no_variant(struct judged *b);
void judged_module_name_for_driver(struct judged *b);
void judged_unknown_best(struct judged *b);
void judged_pf_without_driver(struct judged *b);
void judged_pf_not_known(struct judged *b);
void judged_no_autoprobe(struct judged *b);
void judged_by_override(struct judged *b);
void judged_for_network(struct judged *b);
void judged_under_parallels(struct judged *b);
void judged_is_pf(struct judged *b);
void judged_is_empty_pf(struct judged *b);
void judged_is_pf_in_a_group_with_its_vfs(struct judged *b);
void judged_is_vdpa(struct judged *b);
void judged_mixed_classes(struct judged *b);
void judged_mixed_managed(struct judged *b);
void judged_without_parent(struct judged *b);
void judged_group_not_told(struct judged *b);
void judged_nodes_not_told(struct judged *b);
void judged_silent(struct judged *b);
void judged_pf_silent(struct judged *b);
void judged_shared_and_without_nodes(struct judged *b);

#endif
