/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists of Devices, field by field; no I/O. */
#ifndef VFMON_CLI_VERIFY_COMPARE_H
#define VFMON_CLI_VERIFY_COMPARE_H

#include <stdbool.h>

#include "verify.h"
#include "vfmon/value.h"

/* What is known not to be comparable. */
struct verify_limits {
	const struct value *silent; /* addresses of functions that do not answer; NULL: none */
	bool is_in_other_namespace; /* than vfmond: of networks */
};

/*
 * Adds what differs, and what was not compared, to *v. Both are arrays in the order of addresses.
 * Returns 0, -ENOMEM, or -EBADMSG for what is no list of Devices.
 */
int verify_compare(struct verify *v, const struct value *registry, const struct value *host,
		   const struct verify_limits *limits);

#endif
