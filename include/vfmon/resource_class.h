/* SPDX-License-Identifier: Apache-2.0 */
/* The names that Nova gives to Placement: resource classes and traits. */
#ifndef VFMON_RESOURCE_CLASS_H
#define VFMON_RESOURCE_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#include "vfmon/pytext.h"

/* Room for the default class, "CUSTOM_PCI_10DE_25B6", and its NUL. */
#define RESOURCE_CLASS_DEFAULT_MAX 21

/* The class of a function whose entry names none; returns buf. */
const char *resource_class_default(uint16_t vendor_id, uint16_t product_id,
				   char buf[static RESOURCE_CLASS_DEFAULT_MAX]);

/*
 * As Nova makes an entry's resource_class into the name for Placement: upper case; a standard name or
 * one with CUSTOM_ in front stays, any other is made a CUSTOM_ one. The caller frees *ret. Returns 0
 * or -ENOMEM.
 */
int resource_class_normalise(struct pytext text, char **ret);

/* The same for one piece of an entry's traits, where a standard name has to be in upper case. */
int trait_normalise(struct pytext text, char **ret);

/* Whether Placement takes a normalised name. */
bool resource_class_is_valid(const char *name);
bool trait_is_valid(const char *name);

#endif
