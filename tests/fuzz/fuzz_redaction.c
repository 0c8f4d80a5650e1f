/* SPDX-License-Identifier: Apache-2.0 */
/* A nova.conf that is to be redacted: any bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/redacted.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of the exact size, so that a byte read behind it is seen. */
	char *bytes = malloc(size ? size : 1);

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	redacted_check(bytes, size);
	free(bytes);
	return 0;
}
