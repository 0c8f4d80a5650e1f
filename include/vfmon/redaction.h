/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The redacted form of a nova.conf: what may be seen by whoever may not read the file. Only lines of
 * [pci] and of the few options elsewhere that matter here are left, everything else may be a secret.
 */
#ifndef VFMON_REDACTION_H
#define VFMON_REDACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/pytext.h"

/*
 * Makes the redacted form of a file: line by line, in the same places. A line that is taken out is
 * an empty comment ("#"). Section headers stay. nova_conf_parse() gives the same for both: the same
 * assignments of what is left, with the same lines and columns; or an error of the same kind in the
 * same line, whose line has nothing of the original in it outside of [pci]. What stands behind the
 * first error is taken out. It is never longer than the original.
 *
 * Returns 0 with *ret, which the caller frees (a NUL follows); -EFBIG if nova_conf_parse() refuses
 * the file for its size; -ENOMEM.
 */
int redaction_make(const char *bytes, size_t len, char **ret, size_t *ret_len);

/* Whether the lines of an option are left. */
bool redaction_keeps(struct pytext section, struct pytext name);

#endif
