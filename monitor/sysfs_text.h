/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of sysfs attributes taken apart; no I/O. */
#ifndef VFMON_MONITOR_SYSFS_TEXT_H
#define VFMON_MONITOR_SYSFS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/pci_addr.h"

/* A function's uevent file. The texts point into the text that was taken apart. */
struct sysfs_uevent {
	const char *driver;   /* NULL: none */
	const char *modalias; /* NULL: none */
	bool has_ids, has_subsystem, has_class;
	uint16_t vendor_id, product_id, subsystem_vendor_id, subsystem_product_id;
	uint32_t class_code;
};

/*
 * Takes a uevent file's text apart, whose newlines become NULs. A line that is not known or not
 * well formed is passed over, so what it would tell is not known.
 */
void sysfs_text_uevent(char *text, struct sysfs_uevent *ret);

/* Reads a decimal number that may end in a newline. Returns 0, or -EINVAL for anything else. */
int sysfs_text_number(const char *text, int32_t *ret);

/* Reads the number at the end of a virtfn<n> name. Returns 0 or -EINVAL. */
int sysfs_text_virtfn(const char *name, int32_t *ret);

/* Whether a name below vfio-dev/ is that of a VFIO device. */
bool sysfs_text_is_vfio_device(const char *name);

/* The driver that a driver_override says, without its newline, or NULL if it says none. */
const char *sysfs_text_override(char *text);

/* Writes the digits of n with a NUL; returns the end, where the NUL is. */
#define SYSFS_DIGITS_MAX 11
char *sysfs_text_put_number(char *to, uint32_t n);

/* What a PF says about its VFs' addresses. */
struct sysfs_routing {
	int32_t offset, stride;
};

/* The number of the VF among the PF's, by routing id; -1 if it can not be one of them. */
int32_t sysfs_text_vf_index(const struct pci_addr *pf, const struct pci_addr *vf,
			    const struct sysfs_routing *routing);

#endif
