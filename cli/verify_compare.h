/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists of Devices, field by field; no I/O. */
#ifndef VFMON_CLI_VERIFY_COMPARE_H
#define VFMON_CLI_VERIFY_COMPARE_H

#include "verify.h"
#include "vfmon/value.h"

/*
 * Adds what differs, and what was not compared, to *v. Both are arrays in the order of addresses.
 * Returns 0, -ENOMEM, or -EBADMSG for what is no list of Devices.
 */
int verify_compare(struct verify *v, const struct value *registry, const struct value *host);

#endif
