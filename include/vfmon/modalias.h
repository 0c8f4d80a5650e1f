/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vfio_pci: lines of modules.alias: which modules are VFIO drivers, and which is the best for a
 * device. libvirt chooses in the same way (fewest wildcards) since 10.0.
 */
#ifndef VFMON_MODALIAS_H
#define VFMON_MODALIAS_H

#include <stddef.h>

#include "vfmon/observation.h"

struct modalias_table;

/*
 * Reads the text of a modules.alias file; lines that are not "alias vfio_pci:... module" are passed
 * over. Returns 0 or -ENOMEM; the caller frees.
 */
int modalias_table_new(const char *text, size_t len, struct modalias_table **ret);

/* Takes NULL. Returns NULL. */
struct modalias_table *modalias_table_free(struct modalias_table *table);

/* What the module's aliases say; '-' and '_' count as the same. */
enum module_vfio modalias_module_vfio(const struct modalias_table *table, const char *module);

/*
 * The module whose vfio_pci: pattern matches a device's modalias ("pci:v...") with the fewest '*',
 * of several with as few the first in the file; where none matches, the generic one. NULL if the
 * table has no generic one either. Borrowed from the table.
 */
const char *modalias_best(const struct modalias_table *table, const char *modalias);

#endif
