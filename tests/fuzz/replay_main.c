/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds files to a fuzz target, for builds without libFuzzer: replay_TARGET FILE... */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_INPUT (1u << 20)

/* A copy of just the right size, so that a read behind it is seen by a sanitizer. */
static int replay(const char *path, uint8_t *buffer)
{
	FILE *file = fopen(path, "rb");
	uint8_t *copy;
	size_t size;

	if (!file) {
		perror(path);
		return -1;
	}
	size = fread(buffer, 1, MAX_INPUT, file);
	fclose(file);
	copy = malloc(size > 0 ? size : 1);
	if (!copy)
		return -1;
	for (size_t i = 0; i < size; i++)
		copy[i] = buffer[i];
	(void)LLVMFuzzerTestOneInput(copy, size); /* it aborts on what it finds */
	free(copy);
	return 0;
}

int main(int argc, char **argv)
{
	static uint8_t buffer[MAX_INPUT];

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		if (replay(argv[i], buffer) < 0)
			return 1;
	return 0;
}
