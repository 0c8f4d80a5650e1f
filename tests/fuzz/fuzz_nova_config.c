/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nova's files: the first byte says which Nova and what is redacted, a line of "%%" alone stands
 * between two files.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/alias.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"

#define BORDER "\n%%\n"

enum { MAX_FILES = 4 };

static const version_t versions[] = { VERSION(31, 0, 0), VERSION(31, 3, 1), VERSION(32, 0, 0),
				      VERSION(34, 0, 0) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every finding is of one of the files, and its place is in it. */
static void check_finding(const struct finding *f, const struct nova_file *files, size_t count)
{
	size_t i = 0;

	assert(f->message && f->message[0] != '\0' && f->file);
	while (i < count && strcmp(f->file, files[i].path) != 0)
		i++;
	assert(i < count);
	assert((f->line == 0) == (f->code == FINDING_FILE_ERROR));
	assert(f->line <= files[i].len + 1 && f->column <= files[i].len + 1);
	assert(f->line == 0 || f->column >= 1);
}

static void check(const struct nova_config *config, const struct nova_file *files, size_t count)
{
	bool refused = false;

	for (size_t i = 0; i < config->findings.count; i++) {
		check_finding(&config->findings.items[i], files, count);
		refused = refused || config->findings.items[i].level == FINDING_REFUSED;
	}
	assert(refused == config->broken);
	assert(config->specs && config->aliases && config->virt_type);
	if (config->broken)
		assert(device_specs_count(config->specs) == 0 &&
		       aliases_count(config->aliases) == 0);
	assert(config->has_mdev_types == (config->mdev_place.file != NULL));
}

/* Cuts the text at its borders. Returns how many files there are. */
static size_t cut(char *text, size_t len, uint8_t flags, struct nova_file *files)
{
	static const char *const paths[MAX_FILES] = { "a.conf", "b.conf", "c.conf", "d.conf" };
	size_t count = 0;
	char *border;

	do {
		struct nova_file *f = &files[count];

		border = count + 1 < MAX_FILES ? memmem(text, len, BORDER, strlen(BORDER)) : NULL;
		*f = (struct nova_file){ .path = paths[count], .bytes = text, .len = len };
		f->redacted = flags & 4;
		f->error = flags & 8 && count == 1 ? EACCES : 0;
		count++;
		if (border) {
			f->len = (size_t)(border - text);
			text = border + strlen(BORDER);
			len -= f->len + strlen(BORDER);
		}
	} while (border);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nova_file files[MAX_FILES];
	struct nova_config *config = NULL;
	size_t count;
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	count = cut(text, size - 1, data[0], files);
	assert(nova_config_parse(versions[data[0] & 3], files, count, &config) == 0);
	check(config, files, count);
	nova_config_free(config);
	free(text);
	return 0;
}
