/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reader reports: a function as it was read, a function that is gone, the borders of a
 * scan. Plain data without pointers into anything shared, as it crosses from one thread to another.
 */
#ifndef VFMON_OBSERVATION_H
#define VFMON_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/pci_addr.h"

/* Who noticed, for Cause of the interface file. */
enum cause_source {
	CAUSE_SCAN,
	CAUSE_UEVENT,
	CAUSE_UDEV,
	CAUSE_INOTIFY,
	CAUSE_NETLINK,
	CAUSE_TIMER,
	CAUSE_AUDIT,
	CAUSE_CONFIG,
	CAUSE_RESYNC,
	CAUSE_COUNT
};

/* The kernel's actions of uevents (lib/kobject_uevent.c). */
enum uevent_action {
	UEVENT_NONE, /* not from an event */
	UEVENT_ADD,
	UEVENT_REMOVE,
	UEVENT_CHANGE,
	UEVENT_MOVE,
	UEVENT_ONLINE,
	UEVENT_OFFLINE,
	UEVENT_BIND,
	UEVENT_UNBIND,
	UEVENT_ACTION_COUNT
};

struct cause {
	enum cause_source source;
	enum uevent_action action;
	uint64_t seqnum;	/* 0: none */
	uint64_t received_usec; /* CLOCK_BOOTTIME when the event came in; 0: no event */
};

/*
 * What the genuine events since the last read say about time, never about state. The last of bind
 * and unbind counts; events that somebody wrote into a uevent file leave no evidence.
 */
enum {
	EVIDENCE_ADDED = 1 << 0,   /* an add: a new life may have begun */
	EVIDENCE_BOUND = 1 << 1,   /* a bind: a probe has ended well */
	EVIDENCE_UNBOUND = 1 << 2, /* an unbind: a link seen from now on is a newer one */
	EVIDENCE_MISSED = 1 << 3   /* not of an event: some before this read may have been lost */
};

/* Why a function is read. */
struct hint {
	struct cause cause;
	uint32_t evidence; /* EVIDENCE_* */
};

enum observation_kind {
	OBSERVATION_FUNCTION,	/* read */
	OBSERVATION_NODES,	/* only its device nodes were looked at */
	OBSERVATION_GONE,	/* there is no such function */
	OBSERVATION_UNREADABLE, /* it is there and can not be read, see error */
	OBSERVATION_SILENT,	/* it is there, and a read of it has not ended, see silent_usec */
	OBSERVATION_SCAN_BEGIN,
	OBSERVATION_SCAN_END, /* error tells whether the list could be read to its end */
	OBSERVATION_LISTED    /* the functions were listed for the audit; error as above */
};

enum module_vfio {
	MODULE_VFIO_NONE,    /* no vfio_pci: alias, or the module is not known */
	MODULE_VFIO_GENERIC, /* has the catch-all alias */
	MODULE_VFIO_VARIANT  /* has at least one of its own */
};

#define OBSERVATION_TEXT_MAX 4096

/* Text fields point into text[] of the same observation, or are NULL for "there is none". */
struct observation {
	enum observation_kind kind;
	int error; /* errno of an unreadable one */
	struct pci_addr addr;
	struct hint hint;
	uint64_t silent_usec; /* for how long it has not answered; at least 1 if it is silent */
	uint64_t inode;	      /* of the directory in sysfs */
	bool has_static;      /* the fields from here to numa_node were read */
	bool has_ids, has_subsystem, has_class;
	uint16_t vendor_id, product_id, subsystem_vendor_id, subsystem_product_id;
	uint32_t class_code;
	int32_t numa_node;	    /* -1: none */
	bool has_physical_function; /* physfn is there now */
	struct pci_addr physical_function;
	int32_t vf_index;    /* -1: not known */
	int32_t total_vfs;   /* -1: there is no sriov_totalvfs */
	int32_t num_vfs;     /* number of virtfn links; -1: not a PF */
	int32_t iommu_group; /* -1: none */
	bool iommu_group_noiommu;
	int8_t drivers_autoprobe;     /* -1: not known */
	int8_t in_use;		      /* -1: not known */
	bool is_vdpa;		      /* a vdpa device hangs below it */
	bool has_card_serial;	      /* the VPD was read; card_serial may still be NULL */
	uint8_t nodes;		      /* VF_NODE_* */
	enum module_vfio module_vfio; /* of module */
	bool module_holds_vfio_core;  /* /sys/module/vfio_pci_core/holders/<module> exists */
	char *link_driver;	      /* basename of the driver link */
	char *uevent_driver;	      /* DRIVER= of the uevent file */
	char *module;		      /* of the driver's module link */
	char *driver_override;	      /* NULL: unset */
	char *best_driver;
	char *best_module;
	char *vfio_device; /* name below vfio-dev/ */
	char *interface;   /* first name below net/ */
	/*
	 * What the host itself uses it for, as the end of a sentence that begins with "the host":
	 * "has an address on its interface enp1s0 (192.0.2.1/24)", "has its disk nvme1n1 mounted on
	 * /data". NULL: nothing, as far as can be seen.
	 */
	char *host_use;
	uint64_t vendor_inode;	/* of the vendor directory; 0: there is none */
	char *vendor_directory; /* its name below the function's; NULL: none */
	char *vendor_state;	/* lines "name\tvalue", sorted by name; NULL: no vendor directory */
	char *vendor_problem;	/* "current_vgpu_type is 0: no vGPU type is set"; NULL: usable */
	char *card_serial;	/* only where it was asked for, see reader.h */
	size_t text_used;
	char text[OBSERVATION_TEXT_MAX];
};

/* Makes it empty: nothing known, numbers -1. */
void observation_init(struct observation *obs, enum observation_kind kind,
		      const struct pci_addr *addr);

/*
 * Copies len bytes of s with a NUL into the observation's own text and returns them, or NULL if
 * there is no room left.
 */
char *observation_put(struct observation *obs, const char *s, size_t len);

/* Names on the wire. Borrowed, never NULL; cause_action_name() is NULL for UEVENT_NONE. */
const char *cause_source_name(enum cause_source source);
const char *cause_action_name(enum uevent_action action);

#endif
