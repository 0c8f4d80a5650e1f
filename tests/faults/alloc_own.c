/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into a daemon, lets one of the allocations of our own code fail, as control.h says. Unlike
 * alloc_fault it goes with a sanitizer, which tells what is leaked by that.
 */
#include "../lib/alloc.h"
#include "control.h"

__attribute__((constructor)) static void begin(void)
{
	control_open();
	alloc_fail_when(control_must_fail);
}
