/* SPDX-License-Identifier: Apache-2.0 */
/* What libvirt will do with a function: by state and managed, as it was measured. */
#include "readiness_internal.h"
#include "vfmon/text.h"

#define BIT(code) (1U << REASON_##code)

/*
 * When the guest is gone libvirt clears driver_override and has the kernel probe: the host's driver
 * comes back where it had been probed like that before, and where VFs are probed at all.
 */
static struct text *driver_of_probe(const struct readiness_facts *f)
{
	bool is_probed = !f->in->pf || f->in->pf->drivers_autoprobe != 0;

	if (f->vf->binding != VF_BINDING_HOST || f->vf->driver_override || !is_probed)
		return NULL;
	return f->vf->driver;
}

/* Whether a guest may start in spite of a group that is not viable now. */
static bool may_free_its_group(const struct readiness_facts *f, uint32_t fatal)
{
	/* Taken off its driver a PF loses its VFs, and they may be all that keeps its group. */
	return fatal == BIT(IOMMU_GROUP_NOT_VIABLE) && f->vf->kind == VF_KIND_PF &&
	       f->vf->num_vfs > 0;
}

static struct readiness_prediction predict_moved(const struct readiness_facts *f, uint32_t reasons)
{
	const uint32_t fatal = reasons & (BIT(NO_IOMMU_GROUP) | BIT(IOMMU_GROUP_NOT_VIABLE));
	bool is_vendor = f->vf->binding == VF_BINDING_VFIO_VENDOR;
	bool is_known = !fatal && !f->undecided;

	/* It is undone, unless libvirtd still remembers a guest that had it with managed=no. */
	if (fatal && !may_free_its_group(f, fatal))
		return (struct readiness_prediction){ 0, NULL, NULL };
	/* A vendor's VF may refuse another driver; a node that is missing may come with one. */
	if (is_vendor || reasons & BIT(VFIO_NODE_MISSING))
		is_known = false;
	return (struct readiness_prediction){ is_known ? 1 : -1, f->choice, driver_of_probe(f) };
}

static struct readiness_prediction predict_left_alone(const struct readiness_facts *f,
						      uint32_t reasons)
{
	const uint32_t fatal = BIT(MANAGED_NO_HOST_DRIVER) | BIT(MANAGED_NO_UNBOUND) |
			       BIT(NO_IOMMU_GROUP) | BIT(IOMMU_GROUP_NOT_VIABLE) |
			       BIT(VFIO_NODE_MISSING) | BIT(VGPU_TYPE_UNSET);
	struct text *driver = f->vf->driver;

	if (reasons & fatal)
		return (struct readiness_prediction){ 0, NULL, driver };
	/* Nor is it known whether it is left alone. */
	if (f->managed && !f->choice)
		return (struct readiness_prediction){ -1, NULL, NULL };
	return (struct readiness_prediction){ f->undecided ? -1 : 1, driver, driver };
}

struct readiness_prediction readiness_predict(const struct readiness_facts *f, uint32_t reasons)
{
	const struct vf *vf = f->vf;

	if (vf->binding == VF_BINDING_STUCK)
		return (struct readiness_prediction){ 0, NULL, NULL };
	if (!readiness_is_settled(vf))
		return (struct readiness_prediction){ -1, NULL, NULL };
	if (vf->is_vdpa)
		return (struct readiness_prediction){ -1, vf->driver, vf->driver };
	/* One more guest is refused before anything is moved. */
	if (vf_is_vfio(vf) && vf->in_use == 1)
		return (struct readiness_prediction){ 0, NULL, vf->driver };
	return f->moves ? predict_moved(f, reasons) : predict_left_alone(f, reasons);
}
