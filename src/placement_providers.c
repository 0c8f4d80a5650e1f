/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/placement.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "placement_family.h"
#include "vfmon/cleanup.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"
#include "vfmon/finding.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/vf.h"

/* Those that Nova adds: names of os-traits. */
#define TRAIT_MANAGED_PCI "COMPUTE_MANAGED_PCI_DEVICE"
#define TRAIT_MIGRATABLE "HW_PCI_LIVE_MIGRATABLE"
#define TRAIT_ONE_TIME_USE "HW_PCI_ONE_TIME_USE"
#define TRAIT_OWNER "OWNER_NOVA"
#define TRAITS_ADDED 4

struct build {
	const struct policy *policy;
	const char *host_name;
	struct providers result;
	bool is_over; /* what is in result is all that will be */
};

static void provider_done(struct provider *p)
{
	free(p->name);
	free(p->traits);
	free(p->devices);
}

void providers_done(struct providers *providers)
{
	for (size_t i = 0; i < providers->count; i++)
		provider_done(&providers->items[i]);
	free(providers->items);
	free(providers->refused);
	*providers = (struct providers){ 0 };
}

/* The host's name stays as it is, only the address is in upper case. */
static char *provider_name(const char *host_name, const struct pci_addr *addr)
{
	char text[PCI_ADDR_TEXT_MAX], *name;

	(void)pci_addr_format(addr, text);
	for (char *s = text; *s; s++)
		*s = (char)toupper((unsigned char)*s);
	return asprintf(&name, "%s_%s", host_name, text) < 0 ? NULL : name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_trait(struct provider *p, const char *name)
{
	for (size_t i = 0; i < p->trait_count; i++)
		if (strcmp(p->traits[i], name) == 0)
			return;
	p->traits[p->trait_count++] = name;
}

static int provider_traits(const struct policy *policy, const struct vf *vf, struct provider *p)
{
	p->traits = calloc(vf->spec->trait_count + TRAITS_ADDED, sizeof(*p->traits));
	if (!p->traits)
		return -ENOMEM;
	for (size_t i = 0; i < vf->spec->trait_count; i++)
		add_trait(p, vf->spec->traits[i]);
	add_trait(p, TRAIT_MANAGED_PCI);
	if (policy->nova >= NOVA_ONE_TIME_USE && placement_is_tagged(vf, SPEC_ONE_TIME_USE))
		add_trait(p, TRAIT_ONE_TIME_USE);
	if (policy->nova >= NOVA_MIGRATABLE_TRAIT && placement_is_tagged(vf, SPEC_LIVE_MIGRATABLE))
		add_trait(p, TRAIT_MIGRATABLE);
	if (policy->nova >= NOVA_OWNER_TRAIT)
		add_trait(p, TRAIT_OWNER);
	qsort(p->traits, p->trait_count, sizeof(*p->traits), compare_names);
	return 0;
}

/* Whose provider a function is counted in. */
static const struct pci_addr *owner(const struct vf *vf)
{
	return vf->kind == VF_KIND_VF ? &vf->physical_function : &vf->addr;
}

/* Functions come in the order of their addresses, and so, nearly always, do their owners. */
static struct provider *find_provider(struct providers *list, const struct pci_addr *addr)
{
	for (size_t i = list->count; i > 0; i--)
		if (pci_addr_compare(&list->items[i - 1].address, addr) == 0)
			return &list->items[i - 1];
	return NULL;
}

static int new_provider(struct build *build, const struct vf *vf, struct provider **ret)
{
	struct providers *list = &build->result;
	struct provider *items = reallocarray(list->items, list->count + 1, sizeof(*items)), *p;
	int r;

	if (!items)
		return -ENOMEM;
	list->items = items;
	p = &items[list->count];
	*p = (struct provider){ .address = *owner(vf), .resource_class = vf->spec->resource_class };
	p->name = provider_name(build->host_name, &p->address);
	r = p->name ? provider_traits(build->policy, vf, p) : -ENOMEM;
	if (r < 0) {
		provider_done(p);
		return r;
	}
	list->count++;
	*ret = p;
	return 0;
}

static int count_device(struct provider *p, const struct vf *vf)
{
	const struct vf **devices;

	devices = reallocarray(p->devices, p->device_count + 1, sizeof(*devices));
	if (!devices)
		return -ENOMEM;
	p->devices = devices;
	p->devices[p->device_count++] = vf;
	return 0;
}

static int refuse(struct build *build, enum placement_conflict conflict, const struct vf *vf)
{
	char *text, addr[PCI_ADDR_TEXT_MAX];
	int r;

	if (vf)
		r = asprintf(&text, "%s: %s: %s", placement_conflict_nova_class(conflict),
			     pci_addr_format(&vf->addr, addr), placement_conflict_text(conflict));
	else
		r = asprintf(&text, "%s: %s", placement_conflict_nova_class(conflict),
			     placement_conflict_text(conflict));
	if (r < 0)
		return -ENOMEM;
	providers_done(&build->result);
	build->result.refused = text;
	build->is_over = true;
	return 0;
}

static const struct finding *first_refused(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].level == FINDING_REFUSED)
			return &findings->items[i];
	return NULL;
}

/* With such files Nova does not come as far as to look at a function. */
static int refuse_files(struct build *build)
{
	const struct finding *f = first_refused(&build->policy->config->findings);
	char *text;
	int r;

	if (f && f->file && f->line)
		r = asprintf(&text, "%s:%u:%u: %s", f->file, f->line, f->column, f->message);
	else if (f && f->file)
		r = asprintf(&text, "%s: %s", f->file, f->message);
	else
		r = asprintf(&text, "%s", f ? f->message : "its configuration is refused");
	if (r < 0)
		return -ENOMEM;
	build->result.refused = text;
	build->is_over = true;
	return 0;
}

/*
 * A class or traits that are true and no text are an error that Nova only logs when it comes to the
 * function: nothing gets to Placement.
 */
static int give_up(struct build *build)
{
	providers_done(&build->result);
	build->is_over = true;
	return 0;
}

/* Of the entry that takes the function; with another configuration in force all is text. */
static struct spec_info entry_of(const struct policy *policy, const struct vf *vf)
{
	struct spec_info info = { .traits_are_text = true };

	if (vf->spec->index < device_specs_count(policy->config->specs))
		device_specs_get(policy->config->specs, vf->spec->index, &info);
	return info;
}

static bool is_dependent(const struct provider *p, const struct vf *vf)
{
	return vf->kind != VF_KIND_VF || p->devices[0]->kind != VF_KIND_VF;
}

static bool is_used_once(const struct policy *policy, const struct vf *vf)
{
	return policy->nova >= NOVA_ONE_TIME_USE && vf->kind == VF_KIND_VF &&
	       placement_has_tag(vf, SPEC_ONE_TIME_USE);
}

/* Nova's questions, in its order: the first that is answered with yes ends the report. */
static int add_function(struct build *build, const struct vf *vf)
{
	struct provider *p = find_provider(&build->result, owner(vf));
	const struct spec_info info = entry_of(build->policy, vf);
	int r = 0;

	if (p && is_dependent(p, vf))
		return refuse(build, PLACEMENT_PF_AND_VF, vf);
	if (info.has_resource_class && !info.resource_class_is_text)
		return give_up(build);
	if (p && placement_classes_differ(p->devices[0], vf))
		return refuse(build, PLACEMENT_MIXED_CLASSES, vf);
	if (!info.traits_are_text)
		return give_up(build);
	if (p && placement_traits_differ(build->policy, p->devices[0], vf))
		return refuse(build, PLACEMENT_MIXED_TRAITS, vf);
	if (is_used_once(build->policy, vf))
		return refuse(build, PLACEMENT_ONE_TIME_USE, vf);
	if (!p)
		r = new_provider(build, vf, &p);
	return r < 0 ? r : count_device(p, vf);
}

static void build_done(struct build *build)
{
	providers_done(&build->result);
}

static int compare_providers(const void *a, const void *b)
{
	const struct provider *x = a, *y = b;

	return pci_addr_compare(&x->address, &y->address);
}

/* A VF without its physical function is not reported, see PLACEMENT_NO_PARENT. */
static bool is_reported(const struct vf *vf)
{
	return placement_counts(vf) && (vf->kind != VF_KIND_VF || vf->has_physical_function);
}

int providers_make(const struct policy *policy, const char *host_name,
		   const struct vf *const *functions, size_t count, struct providers *ret)
{
	cleanup_(build_done) struct build build = { .policy = policy, .host_name = host_name };
	int r = 0;

	if (policy->config->broken)
		r = refuse_files(&build);
	else if (device_specs_use_devname(policy->config->specs))
		r = refuse(&build, PLACEMENT_DEVNAME, NULL);
	for (size_t i = 0; i < count && r == 0 && !build.is_over; i++)
		if (is_reported(functions[i]))
			r = add_function(&build, functions[i]);
	if (r < 0)
		return r;
	if (build.result.count > 0)
		qsort(build.result.items, build.result.count, sizeof(*build.result.items),
		      compare_providers);
	*ret = build.result;
	build.result = (struct providers){ 0 };
	return 0;
}
