/* SPDX-License-Identifier: Apache-2.0 */
/* A function's VPD: any bytes. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/vpd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of the exact size, so that a byte read behind it is seen. */
	unsigned char *bytes = malloc(size ? size : 1);
	char serial[VPD_SERIAL_MAX];
	int r;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	r = vpd_serial(bytes, size, serial);
	assert(r == 0 || r == -ENOENT || r == -EBADMSG);
	assert(r != 0 || (serial[0] && strlen(serial) < sizeof(serial)));
	free(bytes);
	return 0;
}
