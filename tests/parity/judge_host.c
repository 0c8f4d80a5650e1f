/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_host.h"

#include <err.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/alias.h"
#include "vfmon/device_spec.h"
#include "vfmon/registry.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"

static void must(int r)
{
	if (r < 0)
		errx(1, "%s", strerror(-r));
}

static const char *text(struct json_object *object, const char *name)
{
	return json_object_get_string(json_object_object_get(object, name));
}

static int number(struct json_object *object, const char *name, int fallback)
{
	struct json_object *value = json_object_object_get(object, name);

	return value ? json_object_get_int(value) : fallback;
}

static bool is_on(struct json_object *c, const char *name)
{
	return json_object_get_boolean(json_object_object_get(c, name));
}

static uint16_t id(struct json_object *function, const char *name)
{
	return (uint16_t)strtoul(text(function, name), NULL, 16);
}

static struct pci_addr address(struct json_object *function, const char *name)
{
	struct pci_addr addr;

	must(pci_addr_parse(text(function, name), &addr));
	return addr;
}

static size_t length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

/* Which function of the case has this text; NULL: none. */
static struct json_object *find(const struct host *host, const char *name, const char *value)
{
	for (size_t i = 0; i < length(host->functions); i++) {
		struct json_object *f = json_object_array_get_idx(host->functions, i);
		const char *mine = text(f, name);

		if (mine && strcmp(mine, value) == 0)
			return f;
	}
	return NULL;
}

static bool on_is_physical_function(const char *name, void *arg)
{
	struct json_object *f = find(arg, "address", name);

	return f && number(f, "totalvfs", 0) > 0;
}

static bool on_find_interface(const char *name, struct pci_addr *ret, void *arg)
{
	struct json_object *f = find(arg, "net", name);

	if (f)
		*ret = address(f, "address");
	return f;
}

static void put(struct observation *obs, char **field, const char *value)
{
	if (value)
		*field = observation_put(obs, value, strlen(value));
}

static void observe(struct json_object *f, struct observation *obs)
{
	const struct pci_addr addr = address(f, "address");

	observation_init(obs, OBSERVATION_FUNCTION, &addr);
	obs->inode = 1;
	obs->has_static = obs->has_ids = true;
	obs->vendor_id = id(f, "vendor");
	obs->product_id = id(f, "product");
	obs->numa_node = number(f, "numa", -1);
	obs->total_vfs = number(f, "totalvfs", -1);
	obs->num_vfs = obs->total_vfs < 0 ? -1 : 0;
	obs->is_vdpa = is_on(f, "vdpa");
	obs->has_physical_function = text(f, "physfn");
	if (obs->has_physical_function)
		obs->physical_function = address(f, "physfn");
	put(obs, &obs->interface, text(f, "net"));
	obs->has_card_serial = true;
	put(obs, &obs->card_serial, text(f, "serial"));
}

static void scan(struct host *host)
{
	static const struct registry_ops ops = { 0 };
	const struct registry_options options = { .pool = host->pool,
						  .policy = &host->policy,
						  .all_functions = true,
						  .kernel_has_vfio_dev = true };
	const struct moment now = { 1, 1 };
	static struct observation obs;
	const struct pci_addr none = { 0 };

	must(registry_new(&ops, &options, &host->registry));
	observation_init(&obs, OBSERVATION_SCAN_BEGIN, &none);
	must(registry_apply(host->registry, &obs, &now));
	for (size_t i = 0; i < length(host->functions); i++) {
		struct json_object *f = json_object_array_get_idx(host->functions, i), *pf = NULL;

		observe(f, &obs);
		/* Such a VF has the serial number of its PF (virt/libvirt/host.py). */
		if (obs.has_physical_function && !obs.is_vdpa)
			pf = find(host, "address", text(f, "physfn"));
		if (pf && !obs.card_serial)
			put(&obs, &obs.card_serial, text(pf, "serial"));
		must(registry_apply(host->registry, &obs, &now));
	}
	observation_init(&obs, OBSERVATION_SCAN_END, &none);
	must(registry_apply(host->registry, &obs, &now));
}

static void collect(struct host *host)
{
	for (size_t i = 0; i < length(host->functions); i++) {
		struct json_object *f = json_object_array_get_idx(host->functions, i);
		const struct pci_addr addr = address(f, "address");
		const struct vf *vf = registry_get(host->registry, &addr);

		if (!vf || host->count == HOST_FUNCTIONS_MAX)
			errx(1, "%s: not in the registry", text(f, "address"));
		host->items[host->count++] = vf;
	}
}

/* The value number i of the option, which stands alone in a line. */
static struct spec_value value_of(struct json_object *values, size_t i)
{
	struct json_object *value = json_object_array_get_idx(values, i);

	return (struct spec_value){ .file = "nova.conf",
				    .line = 1,
				    .column = 1,
				    .text = json_object_get_string(value),
				    .len = (size_t)json_object_get_string_len(value) };
}

static const char *add_specs(struct host *host, struct json_object *values)
{
	const struct spec_host about = { on_is_physical_function, on_find_interface, host };
	struct device_specs *specs = host->config.specs;
	const char *nova_class = NULL;
	struct spec_error error;
	size_t known = 0;

	for (size_t i = 0; i < length(values) && !nova_class; i++) {
		const struct spec_value value = value_of(values, i);
		int r = device_specs_add(specs, &value, &error);

		if (r == -EINVAL)
			return error.nova_class;
		must(r);
		for (; known < device_specs_count(specs) && !nova_class; known++)
			(void)device_specs_refused(specs, known, &about, &nova_class);
	}
	return nova_class;
}

static const char *add_aliases(struct host *host, struct json_object *values)
{
	const char *nova_class = NULL;
	struct spec_error error;

	for (size_t i = 0; i < length(values); i++) {
		const struct spec_value value = value_of(values, i);
		int r = aliases_add(host->config.aliases, &value, &error);

		if (r != -EINVAL)
			must(r);
		else if (!nova_class)
			nova_class = error.nova_class;
	}
	return nova_class;
}

const char *host_init(struct host *host, version_t nova, struct json_object *c)
{
	const char *virt_type = text(c, "virt_type"), *nova_class;
	const struct spec_rules spec_rules = {
		.nova = nova,
		.report_in_placement = is_on(c, "report"),
		.is_parallels = virt_type && strcmp(virt_type, "parallels") == 0,
	};
	const struct alias_rules alias_rules = { nova, is_on(c, "in_placement") };

	*host = (struct host){
		.functions = json_object_object_get(c, "functions"),
		.config = { .report_in_placement = spec_rules.report_in_placement,
			    .pci_in_placement = alias_rules.pci_in_placement },
		.policy = { .nova = nova, .host_name = "compute-1" },
	};
	host->policy.config = &host->config;
	if (virt_type)
		must((host->config.virt_type = strdup(virt_type)) ? 0 : -ENOMEM);
	must(text_pool_new(&host->pool));
	must(device_specs_new(&spec_rules, &host->config.specs));
	must(aliases_new(&alias_rules, &host->config.aliases));
	nova_class = add_specs(host, json_object_object_get(c, "specs"));
	if (nova_class)
		return nova_class;
	nova_class = add_aliases(host, json_object_object_get(c, "aliases"));
	if (nova_class)
		return nova_class;
	scan(host);
	collect(host);
	return NULL;
}

void host_done(struct host *host)
{
	registry_free(host->registry);
	text_pool_free(host->pool);
	free(host->config.virt_type);
	device_specs_free(host->config.specs);
	aliases_free(host->config.aliases);
}
