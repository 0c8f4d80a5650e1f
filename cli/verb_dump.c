/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"
#include "verbs.h"

enum exit_status verb_dump(const struct options *o)
{
	return dump_write(o, stdout);
}
