/* SPDX-License-Identifier: Apache-2.0 */
/* The text of any sysfs attribute, and of modules.alias. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/sysfs_text.h"
#include "vfmon/modalias.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each parser gets its own copy, of the exact size, with the NUL that a read adds. */
static char *copy_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static void fuzz_uevent_file(char *text)
{
	struct sysfs_uevent u;

	sysfs_text_uevent(text, &u);
	assert(!u.driver || (*u.driver && !strchr(u.driver, '\n')));
	assert(!u.modalias || (*u.modalias && !strchr(u.modalias, '\n')));
	assert(!u.has_class || u.class_code <= 0xffffff);
}

static void fuzz_others(char *text)
{
	const char *driver;
	int32_t value;

	if (sysfs_text_virtfn(text, &value) == 0)
		assert(value >= 0);
	(void)sysfs_text_number(text, &value);
	(void)sysfs_text_is_vfio_device(text);
	driver = sysfs_text_override(text);
	assert(!driver || *driver);
}

static void fuzz_modules_alias(const char *text, size_t size)
{
	struct modalias_table *table;
	const char *best;

	if (modalias_table_new(text, size, &table) < 0)
		return;
	best = modalias_best(table, "pci:v00008086d000010CAsv00008086sd0000A03Cbc02sc00i00");
	assert(!best || modalias_module_vfio(table, best) != MODULE_VFIO_NONE);
	modalias_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = copy_of(data, size);

	fuzz_modules_alias(text, size);
	fuzz_uevent_file(text);
	free(text);
	text = copy_of(data, size);
	fuzz_others(text);
	free(text);
	return 0;
}
