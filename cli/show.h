/* SPDX-License-Identifier: Apache-2.0 */
/* All that is known of one function, for people: the page of the verb show. */
#ifndef VFMON_CLI_SHOW_H
#define VFMON_CLI_SHOW_H

#include <stdio.h>

#include "terminal.h"
#include "vfmon/value.h"

/* before is the Device as it was in the last other binding state; NULL if that is not known. */
void show_device(const struct value *device, const struct value *before, const struct terminal *t,
		 FILE *out);

#endif
