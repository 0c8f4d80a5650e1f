/* SPDX-License-Identifier: Apache-2.0 */
/* One value of device_spec: any text. What is taken is asked about some functions. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"

DEFINE_CLEANUP(struct device_specs *, device_specs_free);

static const struct spec_rules newest = { .nova = NOVA_NEWEST };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct spec_subject subjects[] = {
	{ .addr = { .bus = 0x25 }, .vendor_id = 0x10de, .product_id = 0x25b6 },
	{ .addr = { .bus = 0x25, .func = 4 },
	  .vendor_id = 0x10de,
	  .product_id = 0x25b6,
	  .has_parent = true,
	  .parent = { .bus = 0x25 } },
	{ .addr = { .domain = 0xffff, .bus = 0xff, .slot = 0x1f, .func = 7 } },
	{ .addr = { .domain = 0x10000 } },
};

static void ask(struct device_specs *specs, const struct spec_subject *subject)
{
	struct spec_match *match = NULL;

	assert(device_specs_match(specs, NULL, subject, &match) == 0);
	if (!match)
		return;
	assert(subject->addr.domain <= 0xffff && match->index < device_specs_count(specs));
	assert(match->managed_effective || !match->managed);
	assert(match->resource_class[0] != '\0');
	for (size_t i = 0; i < match->trait_count; i++)
		assert(i == 0 || strcmp(match->traits[i - 1], match->traits[i]) < 0);
	for (size_t i = 0; i < match->tag_count; i++)
		assert(match->tags[i].name && match->tags[i].value);
	spec_match_unref(match);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_(device_specs_freep) struct device_specs *specs = NULL;
	char *text = malloc(size + 1);
	struct spec_value value = {
		.file = "f", .line = 1, .column = 1, .text = text, .len = size
	};
	struct spec_error error;

	if (!text || device_specs_new(&newest, &specs) < 0)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	check_dump(text, size);
	if (device_specs_add(specs, &value, &error) < 0) {
		assert(error.line >= 1 && error.column >= 1 && error.reason[0] != '\0');
		assert(device_specs_count(specs) == 0);
	}
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		ask(specs, &subjects[i]);
	free(text);
	return 0;
}
