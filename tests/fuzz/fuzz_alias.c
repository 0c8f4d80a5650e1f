/* SPDX-License-Identifier: Apache-2.0 */
/* Values of alias, parted by NULs: any text, to several releases of Nova. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/alias.h"
#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"
#include "vfmon/vf.h"

DEFINE_CLEANUP(struct aliases *, aliases_free);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct alias_rules rules[] = {
	{ .nova = VERSION(30, 0, 0) },
	{ .nova = VERSION(31, 0, 0), .pci_in_placement = true },
	{ .nova = NOVA_NEWEST },
	{ .nova = NOVA_NEWEST, .pci_in_placement = true },
};

static void resolve(const struct aliases *aliases, size_t index, const struct vf *vf)
{
	struct alias_answer answer;
	struct alias_info info;
	int r;

	aliases_get(aliases, index, &info);
	r = aliases_resolve(aliases, info.name, &vf, 1, &answer);
	assert(r == (aliases_are_broken(aliases) ? -ENOENT : 0));
	if (r < 0)
		return;
	assert(answer.placement_device_count <= answer.device_count && answer.device_count <= 1);
	assert(answer.device_count == 1 || !aliases_takes(aliases, index, vf));
	alias_answer_done(&answer);
}

static void add(struct aliases *aliases, const char *text, size_t len)
{
	const struct spec_value value = {
		.file = "f", .line = 1, .column = 1, .text = text, .len = len
	};
	struct spec_error error = { 0 };
	size_t count = aliases_count(aliases);

	if (aliases_add(aliases, &value, &error) == 0) {
		assert(aliases_count(aliases) == count + 1);
		return;
	}
	assert(error.line >= 1 && error.column >= 1 && error.reason[0] && error.nova_class);
	assert(aliases_count(aliases) == count && aliases_are_broken(aliases));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spec_match match = { .resource_class = "CUSTOM_PCI_10DE_25B6" };
	struct vf vf = { .kind = VF_KIND_VF,
			 .has_ids = true,
			 .vendor_id = 0x10de,
			 .product_id = 0x25b6,
			 .spec = &match };
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		cleanup_(aliases_freep) struct aliases *aliases = NULL;

		if (aliases_new(&rules[i], &aliases) < 0)
			abort();
		for (size_t at = 0; at <= size; at += strlen(text + at) + 1)
			add(aliases, text + at, strlen(text + at));
		for (size_t k = 0; k < aliases_count(aliases) && k < 8; k++)
			resolve(aliases, k, &vf);
	}
	free(text);
	return 0;
}
