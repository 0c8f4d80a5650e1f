/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict about a tracked function and what libvirt will do with it: one rule a row. The rules
 * follow what libvirt was seen to do (tests/system, docs/VERDICTS.md); a message and a remedy are
 * made from the image when somebody asks.
 */
#ifndef VFMON_READINESS_H
#define VFMON_READINESS_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/pci_addr.h"
#include "vfmon/placement.h"
#include "vfmon/vf.h"

struct policy;
struct text_pool;

/* Enum name, code on the wire. The order is that of the reasons of one severity. */
#define REASON_CODES(X)                                                                            \
	X(MANAGED_YES_VENDOR_DRIVER, "managed_yes_vendor_driver")                                  \
	X(HOST_USES_DEVICE, "host_uses_device")                                                    \
	X(PHYSICAL_FUNCTION_HAS_VFS, "physical_function_has_vfs")                                  \
	X(MANAGED_NO_HOST_DRIVER, "managed_no_host_driver")                                        \
	X(MANAGED_NO_UNBOUND, "managed_no_unbound")                                                \
	X(BINDING_IN_TRANSITION, "binding_in_transition")                                          \
	X(UNBIND_STUCK, "unbind_stuck")                                                            \
	X(NO_IOMMU_GROUP, "no_iommu_group")                                                        \
	X(IOMMU_GROUP_NOT_VIABLE, "iommu_group_not_viable")                                        \
	X(VFIO_NODE_MISSING, "vfio_node_missing")                                                  \
	X(VGPU_TYPE_UNSET, "vgpu_type_unset")                                                      \
	X(PHYSICAL_FUNCTION_NOT_ANSWERING, "physical_function_not_answering")                      \
	X(MANAGED_YES_REBINDS, "managed_yes_rebinds")                                              \
	X(GENERIC_DRIVER_VARIANT_AVAILABLE, "generic_driver_variant_available")                    \
	X(PHYSICAL_FUNCTION_UNBOUND, "physical_function_unbound")                                  \
	X(MANAGED_IGNORED_FOR_NETWORK, "managed_ignored_for_network")                              \
	X(PLACEMENT_CONFLICT, "placement_conflict")

enum reason_code {
#define REASON_CODE_ENUM(name, text) REASON_##name,
	REASON_CODES(REASON_CODE_ENUM)
#undef REASON_CODE_ENUM
		REASON_COUNT
};
_Static_assert(REASON_COUNT <= 32, "a mask of 32 bits holds all reasons");

/* What else is looked at besides the function's own image, its group's view and its spec. */
struct readiness_input {
	const struct policy *policy;
	struct text_pool *pool;		  /* for the drivers of guest_start */
	const struct vf *pf;		  /* its physical function; NULL: none, or not known */
	enum placement_conflict conflict; /* of its PF's family */
	bool has_group_nodes;		  /* the kernel makes group nodes below /dev/vfio */
	uint32_t pf_silent_sec;		  /* as silent_sec, of its physical function */
};

/*
 * Sets reasons, readiness, conflict, pf_silent_sec, has_driverctl and guest_start of an image that is
 * not published yet. Returns 0 or -ENOMEM.
 */
int readiness_judge(const struct readiness_input *in, struct vf *vf);

/* Longer ones are cut. */
#define REASON_TEXT_MAX 1024

struct reason {
	enum reason_code code;
	enum vf_readiness severity;
	char message[REASON_TEXT_MAX]; /* a sentence with the addresses and drivers in it */
	char remedy[REASON_TEXT_MAX];  /* a command that an operator could run; empty: none */
};

/* Fills *ret for a reason that the image has. */
void readiness_describe(const struct vf *vf, enum reason_code code, struct reason *ret);

/* How bad a reason that the image has is. */
enum vf_readiness readiness_severity(const struct vf *vf, enum reason_code code);

/*
 * The functions that are the cause of a reason, one after the other: *cursor begins as 0. Returns
 * whether there was one more.
 */
bool readiness_next_blocker(const struct vf *vf, enum reason_code code, size_t *cursor,
			    struct pci_addr *ret);

/* The reasons of an image, the worst first: *cursor begins as 0. Returns whether there was one. */
bool readiness_next_reason(const struct vf *vf, size_t *cursor, enum reason_code *ret);

/* Name on the wire. Borrowed, never NULL. */
const char *reason_code_name(enum reason_code code);

#endif
