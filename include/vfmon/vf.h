/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value: what is known of one PCI function at one moment. Most of them are VFs; a PF and a plain
 * function have the same fields. A value is made by the registry, then never changed and shared by
 * reference: history and current state are images of the same kind.
 */
#ifndef VFMON_VF_H
#define VFMON_VF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/pci_addr.h"

struct spec_match;
struct text;

enum vf_kind { VF_KIND_PF, VF_KIND_VF, VF_KIND_PCI, VF_KIND_COUNT };

enum vf_binding {
	VF_BINDING_UNKNOWN,
	VF_BINDING_UNBOUND,
	VF_BINDING_PROBING,
	VF_BINDING_HOST,
	VF_BINDING_VFIO_GENERIC,
	VF_BINDING_VFIO_VARIANT,
	VF_BINDING_VFIO_VENDOR,
	VF_BINDING_UNBINDING,
	VF_BINDING_STUCK,
	VF_BINDING_COUNT
};

enum vf_readiness {
	VF_READINESS_UNTRACKED,
	VF_READINESS_READY,
	VF_READINESS_DEGRADED,
	VF_READINESS_UNKNOWN,
	VF_READINESS_BLOCKED,
	VF_READINESS_DANGEROUS,
	VF_READINESS_COUNT
};

/* Which record decided the binding state; turned into a sentence only when somebody asks. */
enum vf_evidence {
	VF_EVIDENCE_NONE,	   /* nothing was read yet */
	VF_EVIDENCE_UNREADABLE,	   /* the entry could not be read */
	VF_EVIDENCE_NO_LINK,	   /* no driver link, no DRIVER= */
	VF_EVIDENCE_ONLY_DRIVER,   /* no driver link, but DRIVER= */
	VF_EVIDENCE_NO_BIND_EVENT, /* a new driver link whose bind event has not come */
	VF_EVIDENCE_NO_VFIO_DEV,   /* a driver link, no vfio-dev/ */
	VF_EVIDENCE_ALIAS_ALL,	   /* vfio-dev/, module has the catch-all vfio_pci: alias */
	VF_EVIDENCE_ALIAS_OWN,	   /* vfio-dev/, module has a vfio_pci: alias of its own */
	VF_EVIDENCE_ALIAS_NONE,	   /* vfio-dev/, module has no vfio_pci: alias */
	VF_EVIDENCE_OLD_KERNEL,	   /* kernel before 6.1: decided by alias or holders */
	VF_EVIDENCE_DUMP,	   /* not read at all: a dump says so */
	VF_EVIDENCE_COUNT
};

/*
 * Top-level fields of the interface's Device that can differ between two images, in its order:
 * enum name, field name on the wire. vf_diff() gives a mask of them.
 */
#define VF_FIELDS(X)                                                                               \
	X(KIND, "kind")                                                                            \
	X(VENDOR_ID, "vendor_id")                                                                  \
	X(PRODUCT_ID, "product_id")                                                                \
	X(SUBSYSTEM_VENDOR_ID, "subsystem_vendor_id")                                              \
	X(SUBSYSTEM_PRODUCT_ID, "subsystem_product_id")                                            \
	X(CLASS, "class")                                                                          \
	X(VENDOR_NAME, "vendor_name")                                                              \
	X(PRODUCT_NAME, "product_name")                                                            \
	X(PHYSICAL_FUNCTION, "physical_function")                                                  \
	X(VF_INDEX, "vf_index")                                                                    \
	X(TOTAL_VFS, "total_vfs")                                                                  \
	X(NUM_VFS, "num_vfs")                                                                      \
	X(DRIVERS_AUTOPROBE, "drivers_autoprobe")                                                  \
	X(NUMA_NODE, "numa_node")                                                                  \
	X(IOMMU_GROUP, "iommu_group")                                                              \
	X(IOMMU_GROUP_MEMBERS, "iommu_group_members")                                              \
	X(BINDING, "binding")                                                                      \
	X(DRIVER_OVERRIDE, "driver_override")                                                      \
	X(BEST_DRIVER, "best_driver")                                                              \
	X(BEST_MODULE, "best_module")                                                              \
	X(VFIO_DEVICE, "vfio_device")                                                              \
	X(VFIO_NODES, "vfio_nodes")                                                                \
	X(IN_USE, "in_use")                                                                        \
	X(MANAGED, "managed")                                                                      \
	X(MANAGED_EFFECTIVE, "managed_effective")                                                  \
	X(CARD_SERIAL, "card_serial")                                                              \
	X(RESOURCE_CLASS, "resource_class")                                                        \
	X(TRAITS, "traits")                                                                        \
	X(SPEC, "spec")                                                                            \
	X(NOVA_DEVICE_TYPE, "nova_device_type")                                                    \
	X(NETWORK, "network")                                                                      \
	X(VENDOR_STATE, "vendor_state")                                                            \
	X(VENDOR_PROBLEM, "vendor_problem")                                                        \
	X(HOST_USE, "host_use")                                                                    \
	X(READINESS, "readiness")                                                                  \
	X(GUEST_START, "guest_start")

enum vf_field {
#define VF_FIELD_ENUM(name, text) VF_FIELD_##name,
	VF_FIELDS(VF_FIELD_ENUM)
#undef VF_FIELD_ENUM
		VF_FIELD_COUNT
};

/* Another function of the same IOMMU group, the function itself among them. */
struct vf_group_member {
	struct pci_addr addr;
	struct text *driver; /* NULL: none */
	bool blocks;	     /* as it is, it keeps the whole group from a guest */
};

/* All functions of one IOMMU group at one moment; shared, counted, never changed. */
struct vf_group {
	unsigned int refs;
	unsigned int count;
	struct vf_group_member members[];
};

/* Nodes that exist in /dev for this function. */
enum { VF_NODE_GROUP = 1 << 0, VF_NODE_NOIOMMU_GROUP = 1 << 1, VF_NODE_CDEV = 1 << 2 };

/*
 * What a dump leaves out: a rule that looks at it can not be decided. (A state that is left out is
 * VF_BINDING_UNKNOWN, what the host uses it for can only be told if it was.)
 */
enum {
	VF_NOT_TOLD_GROUP = 1 << 0, /* iommu_group, iommu_group_members */
	VF_NOT_TOLD_NODES = 1 << 1, /* nodes */
	VF_NOT_TOLD_BEST = 1 << 2   /* best_driver */
};

/* How an image was written for a client. */
struct vf_text {
	size_t len;
	char bytes[];
};

struct vf {
	unsigned int refs;
	uint64_t generation; /* inode number of its directory in sysfs */
	uint64_t sequence;   /* of the change that made this image */
	struct pci_addr addr;
	struct pci_addr physical_function; /* valid if has_physical_function */
	bool has_physical_function;
	bool has_ids;	    /* vendor_id and product_id are known */
	bool has_subsystem; /* subsystem ids are known */
	bool has_class;
	uint8_t kind;	   /* enum vf_kind */
	uint8_t binding;   /* enum vf_binding */
	uint8_t evidence;  /* enum vf_evidence */
	uint8_t readiness; /* enum vf_readiness */
	uint8_t nodes;	   /* VF_NODE_* */
	uint8_t not_told;  /* VF_NOT_TOLD_*; 0 for what was read on this host */
	uint16_t vendor_id;
	uint16_t product_id;
	uint16_t subsystem_vendor_id;
	uint16_t subsystem_product_id;
	uint32_t class_code;	  /* 24 bits */
	int32_t vf_index;	  /* -1: not a VF or not known */
	int32_t total_vfs;	  /* -1: not a PF or not known */
	int32_t num_vfs;	  /* -1: the same */
	int32_t numa_node;	  /* -1: none or not known */
	int32_t iommu_group;	  /* -1: none */
	int8_t drivers_autoprobe; /* -1: not a PF or not known, else 0 or 1 */
	int8_t in_use;		  /* -1: not known, else 0 or 1 */
	bool iommu_group_noiommu; /* the group is one of the unsafe no-IOMMU mode */
	bool is_vdpa;		  /* a vdpa device hangs below it */
	bool has_driverctl;	  /* a remedy can use driverctl; the host's, kept for the text */
	uint8_t conflict;	  /* enum placement_conflict of its PF's family */
	int8_t guest_starts;	  /* -1: can not be known, else 0 or 1; see has_guest_start */
	bool has_guest_start;	  /* tracked, so that guest_starts and the drivers mean something */
	uint32_t silent_sec, pf_silent_sec; /* how long a read of it, of its PF, has not ended */
	uint32_t reasons;		    /* one bit for each enum reason_code, see readiness.h */
	struct vf_group *group;		    /* NULL: no group */
	struct text *vendor_name;
	struct text *product_name;
	struct text *driver;
	struct text *module;
	struct text *driver_override;
	struct text *best_driver;
	struct text *best_module;
	struct text *vfio_device;
	struct text *interface;	     /* its own network interface in this namespace */
	struct text *host_use;	     /* what the host itself uses it for, see observation.h */
	struct text *vendor_state;   /* lines "name\tvalue" of a vendor directory, sorted by name */
	struct text *vendor_problem; /* why the vendor's driver has nothing to give; NULL: it has */
	struct text *card_serial;    /* from the VPD, only where an entry says remote_managed */
	struct text *driver_during; /* while a guest has it; NULL: not known, or it can not start */
	struct text *driver_after;  /* NULL: what the kernel's probe leaves, or not known */
	struct spec_match *spec;    /* what device_spec says of it; NULL: none takes it */
	uint64_t binding_since_usec; /* CLOCK_REALTIME; 0: before it was watched */
	uint64_t appeared_usec;	     /* 0: it was there before the first watch of this boot */
	uint64_t appeared_boottime_usec;
	uint64_t attributes_changed_usec; /* 0: not since it is watched */
	uint64_t attributes_changed_boottime_usec;
	uint64_t vanished_usec; /* 0: it is there */
	uint64_t vanished_boottime_usec;
	struct vf_text *text; /* kept by wire once it was in a list, owned; NULL: not yet */
};

/* Room for any explanation with its NUL; longer ones are cut. */
#define VF_EXPLANATION_MAX 256

/* An image with nothing known; the caller has the only reference. Returns 0 or -ENOMEM. */
int vf_new(const struct pci_addr *addr, struct vf **ret);

/* A copy that may still be changed; shared parts are referenced. Returns 0 or -ENOMEM. */
int vf_copy(const struct vf *vf, struct vf **ret);

/* One more reference; takes NULL. Returns vf. */
struct vf *vf_ref(struct vf *vf);

/* Gives a reference back, the last one frees; takes NULL. Returns NULL. */
struct vf *vf_unref(struct vf *vf);

/* Frees the text that was kept for lists: the image is an older one now, and seldom listed. */
void vf_forget_text(struct vf *vf);

/* As vf_ref() and vf_unref(), for a group's view. */
struct vf_group *vf_group_ref(struct vf_group *group);
struct vf_group *vf_group_unref(struct vf_group *group);

/* The fields that differ, one bit for each enum vf_field; generation and sequence do not count. */
uint64_t vf_diff(const struct vf *a, const struct vf *b);

/* Whether a VFIO driver of any kind has it. */
bool vf_is_vfio(const struct vf *vf);

/* Writes the sentence that says which record decided the binding state; returns buf. */
const char *vf_explain(const struct vf *vf, char buf[static VF_EXPLANATION_MAX]);

/* Names on the wire. Borrowed, never NULL. */
const char *vf_kind_name(enum vf_kind kind);
const char *vf_binding_name(enum vf_binding binding);
const char *vf_readiness_name(enum vf_readiness readiness);
const char *vf_field_name(enum vf_field field);

/* type-PF, type-VF, type-PCI or vdpa, as Nova stores it (PciDeviceType). Borrowed. */
const char *vf_nova_device_type(const struct vf *vf);

/* The other way. Return the value, or -EINVAL for an unknown name. */
int vf_kind_from_name(const char *name);
int vf_binding_from_name(const char *name);
int vf_readiness_from_name(const char *name);

#endif
