/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of device_spec: any text, to several releases of Nova. What is taken is asked about some
 * functions, on a host with PFs and interfaces.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"

DEFINE_CLEANUP(struct device_specs *, device_specs_free);

static const struct spec_rules rules[] = {
	{ .nova = NOVA_NEWEST },
	{ .nova = VERSION(31, 0, 0), .report_in_placement = true },
	{ .nova = VERSION(33, 0, 0), .report_in_placement = true, .is_parallels = true },
	{ .nova = VERSION(27, 0, 0) },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct spec_subject subjects[] = {
	{ .addr = { .bus = 0x25 }, .vendor_id = 0x10de, .product_id = 0x25b6 },
	{ .addr = { .bus = 0x25, .func = 4 },
	  .vendor_id = 0x10de,
	  .product_id = 0x25b6,
	  .has_parent = true,
	  .parent = { .bus = 0x25 },
	  .card_serial = "1" },
	{ .addr = { .domain = 0xffff, .bus = 0xff, .slot = 0x1f, .func = 7 } },
	{ .addr = { .domain = 0x10000 } },
};

static bool is_physical_function(const char *name, void *arg)
{
	(void)arg;
	return *name && name[strlen(name) - 1] == '0';
}

static bool find_interface(const char *name, struct pci_addr *ret, void *arg)
{
	(void)arg;
	if (strncmp(name, "eth", 3) != 0)
		return false;
	*ret = (struct pci_addr){ .bus = 0x25, .func = name[3] == '4' ? 4 : 0 };
	return true;
}

static const struct spec_host host = { is_physical_function, find_interface, NULL };

static size_t first_that_takes(const struct device_specs *specs, const struct spec_subject *subject)
{
	size_t i = 0;

	while (i < device_specs_count(specs) && !device_specs_takes(specs, i, &host, subject))
		i++;
	return i;
}

static void ask(struct device_specs *specs, const struct spec_subject *subject, bool is_parallels)
{
	struct spec_match *match = NULL;
	size_t first = first_that_takes(specs, subject);

	assert(device_specs_match(specs, &host, subject, &match) == 0);
	assert(match ? match->index == first : first == device_specs_count(specs));
	if (device_specs_want_card_serial(specs, &host, subject))
		assert(device_specs_use_card_serial(specs));
	if (!match)
		return;
	assert(subject->addr.domain <= 0xffff);
	assert(is_parallels ? !match->managed_effective
			    : match->managed_effective || !match->managed);
	assert(match->resource_class[0] != '\0');
	for (size_t i = 0; i < match->trait_count; i++)
		assert(i == 0 || strcmp(match->traits[i - 1], match->traits[i]) < 0);
	for (size_t i = 0; i < match->tag_count; i++)
		assert(match->tags[i].name && match->tags[i].value);
	spec_match_unref(match);
}

static void look(const struct device_specs *specs)
{
	for (size_t i = 0; i < device_specs_count(specs); i++) {
		const char *nova_class = NULL;
		struct spec_info info;

		device_specs_get(specs, i, &info);
		assert(info.entry_line >= info.line && info.entry_column >= 1);
		assert(info.is_exact == (info.address != NULL));
		assert(!info.devname || device_specs_use_devname(specs));
		assert(device_specs_same_conditions(specs, i, i));
		if (device_specs_refused(specs, i, &host, &nova_class))
			assert(nova_class && info.remote_managed);
	}
}

/* The parser's contract; whoever reads a file has seen to it. */
static bool is_utf8(const char *text, size_t len)
{
	for (const char *p = text; p < text + len;)
		if (pytext_next(&p, text + len) == PYTEXT_INVALID)
			return false;
	return true;
}

/* What json.dumps() writes is a text that json.loads() takes, and the same once more. */
static void check_dump(const char *text, size_t len)
{
	cleanup_(pyjson_freep) struct pyjson_doc *doc = NULL, *again = NULL;
	struct pyjson_error error;
	char *first = NULL, *second = NULL;

	if (pyjson_parse(text, len, &doc, &error) < 0) {
		assert(error.offset <= len);
		return;
	}
	if (!is_utf8(text, len))
		return;
	assert(pyjson_dump(pyjson_root(doc), &first) == 0);
	assert(pyjson_parse(first, strlen(first), &again, &error) == 0);
	assert(pyjson_dump(pyjson_root(again), &second) == 0);
	assert(strcmp(first, second) == 0);
	free(first);
	free(second);
}

static void try_value(const struct spec_rules *r, const struct spec_value *value)
{
	cleanup_(device_specs_freep) struct device_specs *specs = NULL;
	struct spec_error error = { 0 };

	if (device_specs_new(r, &specs) < 0)
		abort();
	if (device_specs_add(specs, value, &error) < 0) {
		assert(error.line >= 1 && error.column >= 1 && error.reason[0] != '\0');
		assert(error.nova_class && device_specs_count(specs) == 0);
	}
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		ask(specs, &subjects[i], r->is_parallels);
	look(specs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const struct spec_value value = {
		.file = "f", .line = 1, .column = 1, .text = text, .len = size
	};

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	check_dump(text, size);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		try_value(&rules[i], &value);
	free(text);
	return 0;
}
