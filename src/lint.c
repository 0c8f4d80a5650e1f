/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/lint.h"

#include <errno.h>
#include <stdlib.h>

#include "lint_internal.h"
#include "vfmon/cleanup.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/registry.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"

static bool on_is_physical_function(const char *name, void *arg)
{
	const struct lint *lint = arg;

	return registry_has_physical_function(lint->registry, name);
}

static bool on_find_interface(const char *name, struct pci_addr *ret, void *arg)
{
	const struct lint *lint = arg;

	return registry_find_interface(lint->registry, name, ret);
}

static void lint_done(struct lint *lint)
{
	free(lint->functions);
	free(lint->entries);
}

struct finding_place lint_place(const struct spec_info *info, size_t index)
{
	return (struct finding_place){ .file = info->file,
				       .line = info->entry_line,
				       .column = info->entry_column,
				       .spec_index = (int)index };
}

int lint_concern(const struct lint *lint, const struct vf *vf)
{
	if (lint->out->items[lint->out->count - 1].device_count == LINT_MAX_DEVICES)
		return 0;
	return findings_concern(lint->out, &vf->addr);
}

int lint_concern_decided(const struct lint *lint, size_t index)
{
	int r = 0;

	for (size_t i = 0; i < lint->function_count && r == 0; i++)
		if (lint->functions[i]->spec && lint->functions[i]->spec->index == index)
			r = lint_concern(lint, lint->functions[i]);
	return r;
}

int lint_concern_taken(const struct lint *lint, size_t index)
{
	int r = 0;

	for (size_t i = 0; i < lint->function_count && r == 0; i++)
		if (lint_takes(lint, index, lint->functions[i]))
			r = lint_concern(lint, lint->functions[i]);
	return r;
}

bool lint_takes(const struct lint *lint, size_t index, const struct vf *vf)
{
	const struct spec_subject subject = {
		.addr = vf->addr,
		.vendor_id = vf->vendor_id,
		.product_id = vf->product_id,
		.has_parent = vf->kind == VF_KIND_VF && vf->has_physical_function,
		.parent = vf->physical_function,
		.card_serial = text_str(vf->card_serial),
	};

	return vf->has_ids && device_specs_takes(lint->specs, index, &lint->host, &subject);
}

static int gather(struct lint *lint)
{
	size_t room = registry_count(lint->registry) + 1, hint = 0;
	const struct vf *vf = registry_next_near(lint->registry, NULL, &hint);

	lint->functions = calloc(room, sizeof(*lint->functions));
	lint->entries = calloc(device_specs_count(lint->specs) + 1, sizeof(*lint->entries));
	if (!lint->functions || !lint->entries)
		return -ENOMEM;
	lint->is_complete = registry_is_ready(lint->registry);
	while (vf && lint->is_complete && lint->function_count < room) {
		lint->functions[lint->function_count++] = vf;
		vf = registry_next_near(lint->registry, &vf->addr, &hint);
	}
	return 0;
}

static int check_own_specs(const struct lint *lint)
{
	const struct policy *policy = lint->policy;
	const struct finding_place place = {
		.file = policy->own_file,
		.line = policy->own_line,
		.column = policy->own_line ? 1 : 0,
		.spec_index = -1,
	};

	if (!policy->own_file)
		return 0;
	return findings_add(
		lint->out,
		&(const struct finding_kind){
			FINDING_SUSPICIOUS, FINDING_OWN_SPECS_IGNORED,
			"remove the entries here, or move them to Nova's configuration" },
		&place,
		"the entries of this file have no effect, as Nova's own configuration "
		"could be read");
}

/* The vendor's driver can give a function to one of the two. */
static int concern_vendor_driven(const struct lint *lint)
{
	int r = 0;

	for (size_t i = 0; i < lint->function_count && r == 0; i++)
		if (lint->functions[i]->spec &&
		    lint->functions[i]->binding == VF_BINDING_VFIO_VENDOR)
			r = lint_concern(lint, lint->functions[i]);
	return r;
}

static int check_mdev_types(const struct lint *lint)
{
	const struct nova_config *config = lint->policy->config;
	int r;

	if (!config->has_mdev_types || device_specs_count(lint->specs) == 0)
		return 0;
	r = findings_add(
		lint->out,
		&(const struct finding_kind){
			FINDING_SUSPICIOUS, FINDING_MDEV_TYPES_AND_SPECS,
			"let no entry of device_spec take a function that is used for mediated "
			"devices, or remove the enabled types" },
		&config->mdev_place,
		"types of mediated devices are enabled, and device_spec has entries: a "
		"function can be given to a guest as a whole or in parts, not both");
	return r == 0 ? concern_vendor_driven(lint) : r;
}

static int run_parts(const struct lint *lint)
{
	int r = check_own_specs(lint);

	if (r == 0)
		r = check_mdev_types(lint);
	if (r == 0)
		r = lint_entries(lint);
	if (r == 0)
		r = lint_matches(lint);
	if (r == 0)
		r = lint_families(lint);
	return r == 0 ? lint_aliases(lint) : r;
}

int lint_run(const struct policy *policy, const struct registry *registry, struct findings *ret)
{
	cleanup_(lint_done) struct lint lint = {
		.policy = policy,
		.registry = registry,
		.specs = policy->config->specs,
		.out = ret,
		.host = { on_is_physical_function, on_find_interface, &lint },
	};
	int r;

	/* As with one that is broken at the start: lines of the one in force are on disk no more. */
	if (policy->rejected) {
		r = findings_copy(ret, policy->rejected);
		findings_sort(ret);
		return r;
	}
	r = findings_copy(ret, &policy->config->findings);
	if (r == 0)
		r = gather(&lint);
	if (r == 0)
		r = run_parts(&lint);
	findings_sort(ret);
	return r;
}
