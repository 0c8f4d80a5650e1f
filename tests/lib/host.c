/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_VARIANT "test_vfio_pci"

static void give_up(const char *what)
{
	fprintf(stderr, "fixture: %s\n", what);
	abort();
}

static struct pci_addr address(const char *text)
{
	struct pci_addr a;

	if (pci_addr_parse(text, &a) < 0)
		give_up("no address");
	return a;
}

static void on_change(const struct change *change, void *arg)
{
	static const char *const kinds[] = { "appeared", "changed", "disappeared" };
	struct host *h = arg;
	struct host_change *c = &h->changes[h->change_count++];
	char addr[PCI_ADDR_TEXT_MAX];
	size_t n;

	if (h->change_count > HOST_CHANGES_MAX)
		give_up("too many changes");
	c->change = *change;
	vf_ref(c->change.device);
	vf_ref(c->change.previous);
	n = (size_t)snprintf(c->text, sizeof(c->text), "%s %s", kinds[change->kind],
			     pci_addr_format(&change->addr, addr));
	for (int f = 0; f < VF_FIELD_COUNT && n < sizeof(c->text); f++)
		if (change->fields >> f & 1)
			n += (size_t)snprintf(c->text + n, sizeof(c->text) - n, " %s",
					      vf_field_name((enum vf_field)f));
}

static void on_again(const struct pci_addr *addr, uint64_t due_usec, void *arg)
{
	struct host *h = arg;

	h->again[h->again_count++ % HOST_CHANGES_MAX] = (struct host_again){ *addr, due_usec };
}

void host_init(struct host *h, const struct registry_options *options)
{
	const struct registry_ops ops = { on_change, on_again, NULL, h };

	*h = (struct host){ .now = { 1700000000000000, 5000000 } };
	if (options)
		h->options = *options;
	else
		h->options = (struct registry_options){ .kernel_has_vfio_dev = true,
							.has_group_nodes = true,
							.stuck_after_usec = 10000000 };
	h->policy = (struct policy){ .config = &h->config,
				     .nova = NOVA_NEWEST,
				     .host_name = "compute-1" };
	h->options.policy = &h->policy;
	if (text_pool_new(&h->pool) < 0)
		give_up("no pool");
	h->options.pool = h->pool;
	if (registry_new(&ops, &h->options, &h->registry) < 0)
		give_up("no registry");
}

static void forget_changes(struct host *h)
{
	for (size_t i = 0; i < h->change_count; i++) {
		vf_unref(h->changes[i].change.device);
		vf_unref(h->changes[i].change.previous);
	}
	h->change_count = 0;
}

void host_done(struct host *h)
{
	forget_changes(h);
	registry_free(h->registry);
	device_specs_free(h->config.specs);
	text_pool_free(h->pool);
}

void host_configure(struct host *h, const char *text)
{
	const struct spec_rules rules = { .nova = h->policy.nova };
	struct device_specs *old = h->config.specs;
	struct spec_error error;

	h->config.specs = NULL;
	if (text) {
		const struct spec_value value = { .file = "nova.conf",
						  .line = 3,
						  .column = 15,
						  .text = text,
						  .len = strlen(text) };

		if (device_specs_new(&rules, &h->config.specs) < 0 ||
		    device_specs_add(h->config.specs, &value, &error) < 0)
			give_up(text);
	}
	if (registry_configure(h->registry, &h->options, &h->now) < 0)
		give_up("configuration refused");
	device_specs_free(old);
}

static void apply(struct host *h, const struct observation *obs)
{
	h->now.realtime_usec++;
	h->now.boottime_usec++;
	if (registry_apply(h->registry, obs, &h->now) < 0)
		give_up("observation refused");
}

static void apply_border(struct host *h, enum observation_kind kind)
{
	const struct pci_addr none = { 0 };
	struct observation obs;

	observation_init(&obs, kind, &none);
	obs.hint.cause.source = registry_is_ready(h->registry) ? CAUSE_RESYNC : CAUSE_SCAN;
	apply(h, &obs);
}

void host_begin_scan(struct host *h)
{
	apply_border(h, OBSERVATION_SCAN_BEGIN);
}

void host_end_scan(struct host *h)
{
	apply_border(h, OBSERVATION_SCAN_END);
}

struct observation host_plain(const char *addr)
{
	const struct pci_addr a = address(addr);
	struct observation obs;

	observation_init(&obs, OBSERVATION_FUNCTION, &a);
	obs.inode = 1000 + a.bus * 256u + a.slot * 8u + a.func;
	obs.has_static = obs.has_ids = true;
	obs.vendor_id = 0x8086;
	obs.product_id = 0x10ca;
	obs.hint.cause.source = CAUSE_UEVENT;
	obs.hint.cause.action = UEVENT_CHANGE;
	return obs;
}

struct observation host_pf(const char *addr, int total)
{
	struct observation obs = host_plain(addr);

	obs.total_vfs = total;
	obs.num_vfs = 0;
	obs.drivers_autoprobe = 1;
	return obs;
}

struct observation host_vf(const char *addr, const char *pf, int index)
{
	struct observation obs = host_plain(addr);

	obs.has_physical_function = true;
	obs.physical_function = address(pf);
	obs.vf_index = index;
	return obs;
}

/*
 * Never written through: the pointers of an observation are its own text elsewhere, but that would
 * not move with it.
 */
static char *constant(const char *text)
{
	return (char *)(uintptr_t)text;
}

void host_set_driver(struct observation *obs, const char *driver)
{
	obs->link_driver = obs->uevent_driver = obs->module = constant(driver);
}

struct observation host_bound_pf(void)
{
	struct observation pf = host_pf(HOST_PF, 8);

	pf.product_id = 0x10c9;
	pf.iommu_group = 1;
	pf.hint.evidence = EVIDENCE_BOUND;
	host_set_driver(&pf, "igb");
	return pf;
}

struct observation host_good_vf(const char *addr, int index)
{
	struct observation vf = host_vf(addr, HOST_PF, index);

	vf.iommu_group = 10 + index;
	vf.hint.evidence = EVIDENCE_BOUND;
	host_set_driver(&vf, HOST_VARIANT);
	vf.module_vfio = MODULE_VFIO_VARIANT;
	vf.vfio_device = constant("vfio0");
	vf.best_driver = constant(HOST_VARIANT);
	vf.nodes = VF_NODE_GROUP;
	vf.in_use = 0;
	return vf;
}

void host_see(struct host *h, const struct observation *obs)
{
	apply(h, obs);
}

void host_gone(struct host *h, const char *addr)
{
	const struct pci_addr a = address(addr);
	struct observation obs;

	observation_init(&obs, OBSERVATION_GONE, &a);
	obs.hint.cause.source = CAUSE_UEVENT;
	obs.hint.cause.action = UEVENT_REMOVE;
	apply(h, &obs);
}

const char *host_take_changes(struct host *h)
{
	static char text[HOST_CHANGES_MAX * 161];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < h->change_count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i > 0 ? "\n" : "",
				      h->changes[i].text);
	forget_changes(h);
	return text;
}

struct vf *host_get(const struct host *h, const char *addr)
{
	const struct pci_addr a = address(addr);

	return registry_get(h->registry, &a);
}

uint64_t host_asked_again(const struct host *h, size_t since, const char *addr)
{
	char buf[PCI_ADDR_TEXT_MAX];

	for (size_t i = since; i < h->again_count; i++)
		if (strcmp(pci_addr_format(&h->again[i].addr, buf), addr) == 0)
			return h->again[i].due_usec;
	return 0;
}

int host_set_up(void **state)
{
	struct observation pf = host_pf(HOST_PF, 8);
	static struct host host;

	host_init(&host, NULL);
	host_begin_scan(&host);
	host_see(&host, &pf);
	host_end_scan(&host);
	*state = &host;
	return 0;
}

int host_tear_down(void **state)
{
	host_done(*state);
	return 0;
}

void host_see_vf(struct host *h, const char *addr, int index)
{
	struct observation obs = host_vf(addr, HOST_PF, index);

	host_see(h, &obs);
}

void host_see_good_vf(struct host *h, const char *addr, int index)
{
	struct observation vf = host_good_vf(addr, index);

	host_see(h, &vf);
}

void host_see_bound_pf(struct host *h)
{
	struct observation pf = host_bound_pf();

	host_see(h, &pf);
}

void host_see_two_vfs(struct host *h, const char *specs)
{
	host_see_bound_pf(h);
	host_see_good_vf(h, HOST_VF0, 0);
	host_see_good_vf(h, HOST_VF1, 1);
	host_configure(h, specs);
	host_take_changes(h);
}

bool host_has_reason(const struct host *h, const char *addr, enum reason_code code)
{
	return host_get(h, addr)->reasons >> code & 1;
}
