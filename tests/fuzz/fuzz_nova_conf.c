/* SPDX-License-Identifier: Apache-2.0 */
/* A vfmond.conf: any bytes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/config.h"
#include "vfmon/nova_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A place that exists in the file, for a person who goes there. */
static void check_place(const struct spec_error *error, size_t size)
{
	assert(error->line >= 1 && error->line <= size + 1);
	assert(error->column >= 1 && error->column <= size + 1);
	assert(error->reason[0] != '\0');
	assert(memchr(error->reason, '\0', sizeof(error->reason)));
}

static void check_values(const struct nova_conf *file, size_t size)
{
	for (size_t i = 0; i < nova_conf_count(file); i++) {
		const struct nova_conf_value *v = nova_conf_get(file, i);
		unsigned int lines = 1;

		assert(v->text[v->len] == '\0' && v->len <= size && v->name[0] != '\0');
		for (size_t k = 0; k < v->len; k++)
			lines += v->text[k] == '\n';
		assert(lines == v->line_count);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_(config_freep) struct config *config = NULL;
	/* Of the exact size, so that a byte read behind it is seen. */
	char *bytes = malloc(size ? size : 1);

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	assert(config_parse("vfmond.conf", bytes, size, &config) == 0);
	assert((config->problem_count > 0) == (config->error != NULL));
	for (size_t i = 0; i < config->problem_count; i++)
		check_place(&config->problems[i], size);
	if (config->file)
		check_values(config->file, size);
	assert(config->broken == (config->file == NULL));
	free(bytes);
	return 0;
}
