/* SPDX-License-Identifier: Apache-2.0 */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sim/model.h"
#include "failure.h"

static struct json_object *read_model(const struct monitored *m)
{
	struct json_object *model;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file || model_write(m->world->host, file, tree_inode, &m->world->tree) < 0)
		abort();
	(void)fclose(file);
	model = json_tokener_parse(text);
	free(text);
	if (!model)
		abort();
	return model;
}

/* A slow probe that has not ended: the link has stood long enough to count as bound. */
static void settle_probe(struct json_object *expected)
{
	if (strcmp(json_string(expected, "state"), "probing") == 0)
		json_object_object_add(expected, "state", json_object_new_string("host"));
}

/* The Device in the model's form. */
static struct json_object *to_model_form(struct json_object *device, struct json_object *model)
{
	struct json_object *result = json_object_new_object(),
			   *binding = json_get(device, "binding");

	json_object_object_foreach(model, key, value)
	{
		struct json_object *mine = json_get(device, key);

		(void)value;
		if (strcmp(key, "state") == 0 || strcmp(key, "driver") == 0 ||
		    strcmp(key, "module") == 0)
			mine = json_get(binding, key);
		else if (strcmp(key, "interface") == 0)
			mine = json_get(json_get(device, "network"), key);
		json_object_object_add(result, key, json_object_get(mine));
	}
	return result;
}

/* The others of its group, from the model of the whole host. */
static struct json_object *members(struct json_object *all, struct json_object *of)
{
	struct json_object *result = json_object_new_array(), *group = json_get(of, "iommu_group");

	for (size_t i = 0; group && i < json_object_array_length(all); i++) {
		struct json_object *f = json_object_array_get_idx(all, i);
		struct json_object *member = json_object_new_object();

		if (f == of || !json_object_equal(json_get(f, "iommu_group"), group)) {
			json_object_put(member);
			continue;
		}
		json_object_object_add(member, "address", json_object_get(json_get(f, "address")));
		json_object_object_add(member, "driver", json_object_get(json_get(f, "driver")));
		json_object_array_add(result, member);
	}
	return result;
}

static void check_members(struct json_object *all, struct json_object *of,
			  struct json_object *device)
{
	struct json_object *mine = json_get(device, "iommu_group_members"), *expected;

	for (size_t i = 0; i < json_object_array_length(mine); i++)
		json_object_object_del(json_object_array_get_idx(mine, i), "blocks");
	expected = members(all, of);
	for (size_t i = 0; i < json_object_array_length(expected); i++) {
		struct json_object *e = json_object_array_get_idx(expected, i);

		if (!json_get(e, "driver"))
			json_object_object_del(e, "driver");
	}
	if (!json_object_equal(mine, expected))
		fail("%s: of its group the host has %s, the registry %s",
		     json_string(of, "address"), json_object_to_json_string(expected),
		     json_object_to_json_string(mine));
	json_object_put(expected);
}

static void check_function(const struct monitored *m, struct json_object *all,
			   struct json_object *expected)
{
	const char *address = json_string(expected, "address"), *difference;
	struct json_object *device, *mine;
	struct pci_addr addr;
	const struct vf *vf;

	if (pci_addr_parse(address, &addr) < 0)
		abort();
	vf = registry_get(m->service.registry, &addr);
	if (!vf) {
		/* Plain functions are listed where somebody asks for them. */
		if (strcmp(json_string(expected, "kind"), "pci") != 0 || m->options.all_functions)
			fail("%s: the registry does not have it", address);
		return;
	}
	device = json_of_image(vf);
	settle_probe(expected);
	mine = to_model_form(device, expected);
	difference = json_difference(expected, mine);
	if (difference)
		fail("%s: host and registry have %s", address, difference);
	json_object_put(mine);
	check_members(all, expected, device);
	json_object_put(device);
}

static void check_no_others(const struct monitored *m)
{
	const struct vf *vf = NULL;
	char address[PCI_ADDR_TEXT_MAX];

	while ((vf = registry_next(m->service.registry, vf ? &vf->addr : NULL)))
		if (!host_find(m->world->host, &vf->addr))
			fail("%s: the host does not have it", pci_addr_format(&vf->addr, address));
}

void truth_check_registry(const struct monitored *m)
{
	struct json_object *model = read_model(m), *all = json_get(model, "devices");

	for (size_t i = 0; i < json_object_array_length(all) && !failure_is(); i++)
		check_function(m, all, json_object_array_get_idx(all, i));
	check_no_others(m);
	json_object_put(model);
}

/* Without what tells of the way there. */
static struct json_object *without_history(const struct vf *vf)
{
	static const char *const members_of_the_past[] = {
		"sequence",
		"appeared_usec",
		"appeared_boottime_usec",
		"attributes_changed_usec",
		"attributes_changed_boottime_usec",
	};
	struct json_object *device = json_of_image(vf);

	for (size_t i = 0; i < sizeof(members_of_the_past) / sizeof(members_of_the_past[0]); i++)
		json_object_object_del(device, members_of_the_past[i]);
	json_object_object_del(json_get(device, "binding"), "since_usec");
	json_drop_texts(device);
	return device;
}

static void compare_fresh(const struct monitored *m, const struct monitored *fresh)
{
	const struct vf *vf = NULL, *other;
	char address[PCI_ADDR_TEXT_MAX];

	if (registry_count(m->service.registry) != registry_count(fresh->service.registry))
		fail("the registry has %zu functions, a new one %zu",
		     registry_count(m->service.registry), registry_count(fresh->service.registry));
	while ((vf = registry_next(m->service.registry, vf ? &vf->addr : NULL)) && !failure_is()) {
		other = registry_get(fresh->service.registry, &vf->addr);
		struct json_object *a = without_history(vf);
		struct json_object *b = other ? without_history(other) : NULL;
		const char *difference = json_difference(a, b);

		if (difference)
			fail("%s: the registry and a new one have %s",
			     pci_addr_format(&vf->addr, address), difference);
		json_object_put(a);
		json_object_put(b);
	}
}

void truth_check_fresh(struct monitored *m)
{
	struct monitored_options options = m->options;
	struct monitored fresh;

	options.on_change = NULL;
	options.audit_usec = 0;
	monitored_init(&fresh, m->world, &options, 0);
	monitored_pass(&fresh, UINT64_MAX);
	compare_fresh(m, &fresh);
	monitored_done(&fresh);
}

void truth_check_view(const struct monitored *m, const struct view *v)
{
	const struct vf *vf = NULL;
	size_t count = 0;

	while ((vf = registry_next(m->service.registry, vf ? &vf->addr : NULL)) && !failure_is()) {
		struct json_object *device = json_of_image(vf);
		struct json_object *mine = json_get(v->devices, json_string(device, "address"));
		const char *difference;

		if (json_matches(v->filter, device)) {
			count++;
			json_drop_texts(device);
			if (mine)
				json_drop_texts(mine);
			difference = json_difference(device, mine);
			if (difference)
				fail("%s: %s: registry and view have %s", v->name,
				     json_string(device, "address"), difference);
		}
		json_object_put(device);
	}
	if (!failure_is() && count != (size_t)json_object_object_length(v->devices))
		fail("%s: it has %d functions, the registry %zu", v->name,
		     json_object_object_length(v->devices), count);
}
