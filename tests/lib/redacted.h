/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for the redacted form of any file. */
#ifndef VFMON_TEST_REDACTED_H
#define VFMON_TEST_REDACTED_H

#include <stddef.h>

/* Makes the redacted form and asserts each promise of redaction.h, by the eyes of nova_conf. */
void redacted_check(const char *bytes, size_t len);

#endif
