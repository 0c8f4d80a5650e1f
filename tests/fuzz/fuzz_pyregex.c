/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern of Python's, any bytes up to a NUL, and some fields to match. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/pyregex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const subjects[] = { "0", "7", "0a", "ff", "0000", "ffff", "0a1b" };
	struct pyregex_error error = { 0 };
	char *pattern = malloc(size + 1);
	struct pyregex *re = NULL;
	int r;

	if (!pattern)
		abort();
	memcpy(pattern, data, size);
	pattern[size] = '\0';
	r = pyregex_new(pattern, &re, &error);
	assert(r == 0 ? re != NULL : r == -EINVAL && !re && error.reason[0]);
	for (size_t i = 0; re && i < sizeof(subjects) / sizeof(subjects[0]); i++)
		(void)pyregex_matches(re, subjects[i]);
	pyregex_free(re);
	free(pattern);
	return 0;
}
