/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vfmonctl reads of processes: any bytes as a command line, as /proc/PID/stat, and as what
 * systemctl show has written.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/nova_process.h"
#include "../../cli/unit_start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_stat(const char *text)
{
	uint64_t ticks = 7;
	int r = nova_process_parse_stat(text, &ticks);

	assert(r == 0 || (r == -EBADMSG && ticks == 7));
	/* The name of the command ends with the last bracket, whatever stands in it. */
	assert(r < 0 || strrchr(text, ')'));
}

static void try_unit(char *text, size_t size)
{
	struct unit_start start = { .pid = -7 };
	FILE *in = fmemopen(text, size, "r");
	int r;

	if (!in)
		abort();
	r = unit_start_parse(in, &start);
	assert(r == -ENOENT ? start.pid == -7 : r == 0 && start.pid >= 0);
	(void)fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1), *text = malloc(size + 1);

	if (!bytes || !text)
		abort();
	/* Of the exact size, so that a byte read behind it is seen. */
	memcpy(bytes, data, size);
	if (nova_process_is_command(bytes, size))
		assert(memmem(bytes, size, "nova", 4));
	if (size > 0)
		try_unit(bytes, size);
	memcpy(text, data, size);
	text[size] = '\0';
	try_stat(text);
	free(bytes);
	free(text);
	return 0;
}
