/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario language: one line of text in, one step out. Pure: no files, no host. */
#ifndef VFMOND_SIM_SCENARIO_H
#define VFMOND_SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/pci_addr.h"

#define STEP_NAME_MAX 64
#define STEP_TEXT_MAX 512
#define STEP_IDS_MAX 8
#define STEP_ARGS_MAX 4
#define STEP_COUNT_MAX 1000000

enum step_kind {
	/* What the host has */
	STEP_DRIVER,
	STEP_PF,
	STEP_DEVICE,
	STEP_CDEV,
	/* What happens to it */
	STEP_VFS,
	STEP_AUTOPROBE,
	STEP_VF_ID,
	STEP_BIND,
	STEP_UNBIND,
	STEP_PROBE,
	STEP_OVERRIDE,
	STEP_FAIL_PROBE,
	STEP_SLOW_PROBE,
	STEP_FAIL,
	STEP_STUCK,
	STEP_RELEASE,
	STEP_OPEN,
	STEP_CLOSE,
	STEP_DISK,
	STEP_STACK,
	STEP_MASTER,
	STEP_VDPA,
	STEP_VPD,
	STEP_LOAD,
	STEP_UNLOAD,
	STEP_REMOVE,
	STEP_RESCAN,
	STEP_WRITE,
	STEP_HANG,
	STEP_HIDE,
	STEP_RESTORE,
	/* Events, and what goes wrong with them */
	STEP_EVENT,
	STEP_BURST,
	STEP_NOISE,
	STEP_DROP,
	STEP_DUPLICATE,
	STEP_REORDER,
	STEP_DELAY,
	/* The command and the play itself */
	STEP_START,
	STEP_STOP,
	STEP_END,
	STEP_FREEZE,
	STEP_THAW,
	STEP_WAIT_FOR,
	STEP_PAUSE,
	STEP_SAY,
	STEP_PRINT,
	STEP_KIND_MAX_,
};

/* What makes a driver's functions VFIO devices, if anything. */
enum vfio_kind {
	VFIO_NONE,
	VFIO_GENERIC,
	VFIO_VARIANT,
	VFIO_VENDOR,
};

/* Which IOMMU group the VFs of a PF come into. */
enum vf_grouping {
	VF_GROUP_OWN,
	VF_GROUP_SAME,
	VF_GROUP_NONE,
};

struct pci_id {
	uint16_t vendor;
	uint16_t product;
};

/* The keys behind a `driver` line. */
struct driver_keys {
	char module[STEP_NAME_MAX];
	enum vfio_kind vfio;
	struct pci_id ids[STEP_IDS_MAX];
	size_t n_ids;
	bool net;
	bool unloaded;
	bool keeps_vfs;
};

/* The keys behind a `pf` or `device` line. */
struct function_keys {
	struct pci_id id;
	struct pci_id subsystem;
	uint32_t class;
	uint16_t total_vfs;
	uint16_t vf_id;
	uint16_t offset;
	uint16_t stride;
	enum vf_grouping vf_group;
	/* -1: none is known */
	int numa_node;
	/* -1: one of its own; -2: none */
	int group;
	/* a bridge, if has_below */
	struct pci_addr below;
	bool has_below;
};

#define GROUP_OWN -1
#define GROUP_NONE -2

struct step {
	enum step_kind kind;
	unsigned line;
	/* of the step's own word, then of each argument; from 1 */
	unsigned column[1 + STEP_ARGS_MAX];
	struct pci_addr addr;
	char name[STEP_NAME_MAX];
	char text[STEP_TEXT_MAX];
	uint64_t number;
	uint64_t usec;
	struct driver_keys driver;
	struct function_keys function;
};

/* Where a line is wrong, why, and what is allowed there. */
struct scenario_error {
	unsigned line;
	unsigned column;
	char text[640];
};

/* One line without its newline. */
struct scenario_line {
	const char *text;
	size_t len;
	unsigned number;
};

/*
 * Reads one line. Returns 1 and fills *ret if it has a step, 0 if it is empty or only a comment,
 * -EINVAL with *ret_error filled if it is wrong.
 */
int scenario_parse_line(const struct scenario_line *line, struct step *ret,
			struct scenario_error *ret_error);

/* The word that a step begins with. */
const char *step_kind_to_string(enum step_kind kind);

#endif
