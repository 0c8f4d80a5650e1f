/* SPDX-License-Identifier: Apache-2.0 */
/* A PCI function's Vital Product Data: what its maker wrote into it, in the layout of the PCI specs. */
#ifndef VFMON_VPD_H
#define VFMON_VPD_H

#include <stddef.h>

/* All that its address has room for. */
#define VPD_MAX_BYTES (32u << 10)

/* A field is at most 255 bytes. */
#define VPD_SERIAL_MAX 256

/*
 * Finds the serial number (keyword SN of the read-only part), which libvirt calls serial_number and
 * Nova card_serial_number. As in libvirt, nothing counts of data whose checksum or whose borders are
 * wrong. Returns 0; -ENOENT if there is none; -EBADMSG if the data is broken.
 */
int vpd_serial(const unsigned char *bytes, size_t len, char ret[static VPD_SERIAL_MAX]);

#endif
