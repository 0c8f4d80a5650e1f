/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of mountinfo and of swaps: any bytes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_span(const char *text, const char *span, size_t len)
{
	char buf[64];

	assert(len > 0 && span >= text && span + len <= text + strlen(text));
	assert(!memchr(span, '\n', len) && !memchr(span, ' ', len));
	assert(strlen(mounts_unescape(span, len, buf, sizeof(buf))) < sizeof(buf));
	for (const char *p = buf; *p; p++)
		assert((unsigned char)*p >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *at = text, *path;
	struct mount_line mount;
	size_t len;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (mounts_next(&at, &mount)) {
		check_span(text, mount.source, mount.source_len);
		check_span(text, mount.point, mount.point_len);
	}
	for (at = text; mounts_next_swap(&at, &path, &len);)
		check_span(text, path, len);
	free(text);
	return 0;
}
