/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "device.h"
#include "moment.h"
#include "vfmon/conf_names.h"
#include "vfmon/keys.h"

#define KEY_STARTS "starts"
#define KEY_DRIVER_DURING "driver_during"
#define KEY_DRIVER_AFTER "driver_after"
#define KEY_MAC "mac"

/* Where the facts begin, behind their names. */
#define INDENT 13

struct page {
	const struct value *device;
	const struct value *before;
	const struct terminal *t;
	FILE *out;
};

/* Begins a line with the name of what follows; "" for one more line of the same. */
static void begin(const struct page *p, const char *name)
{
	fprintf(p->out, "  %-*s", INDENT - 2, name);
}

static void print_seconds(const struct page *p, int64_t usec)
{
	char text[MOMENT_TEXT_MAX];

	fprintf(p->out, "%s", moment_format((uint64_t)usec, text));
}

/* A text in the colour of a readiness. */
static void print_coloured(const struct page *p, const char *text, const char *readiness)
{
	const char *colour = terminal_colour(p->t, readiness);

	fprintf(p->out, "%s%s%s", colour ? colour : "", text, colour ? TERMINAL_PLAIN : "");
}

static void show_title(const struct page *p)
{
	const char *readiness = device_readiness(p->device);
	const char *address = value_text(p->device, KEY_ADDRESS);
	const char *vendor = device_text(p->device, VF_FIELD_VENDOR_NAME);
	const char *product = device_text(p->device, VF_FIELD_PRODUCT_NAME);

	print_coloured(p, terminal_mark(p->t, readiness), readiness);
	fprintf(p->out, " %s  ", address ? address : "-");
	if (vendor)
		fprintf(p->out, "%s%s", vendor, product ? " " : "  ");
	if (product)
		fprintf(p->out, "%s  ", product);
	device_print_role(p->device, p->out);
	fprintf(p->out, "\n\n");
}

/* Why there is no reason to tell. */
static const char *without_reason(const char *readiness)
{
	if (strcmp(readiness, vf_readiness_name(VF_READINESS_UNTRACKED)) == 0)
		return ": no device_spec takes it";
	if (strcmp(readiness, vf_readiness_name(VF_READINESS_UNKNOWN)) == 0)
		return ": something that this depends on is not known";
	return "";
}

static void show_readiness(const struct page *p)
{
	const struct value *reasons = value_member(device_field(p->device, VF_FIELD_READINESS),
						   KEY_REASONS);
	const char *readiness = device_readiness(p->device);

	if (value_count(reasons) == 0) {
		fprintf(p->out, "  ");
		print_coloured(p, readiness, readiness);
		fprintf(p->out, "%s\n", without_reason(readiness));
	}
	for (size_t i = 0; i < value_count(reasons); i++) {
		const struct value *reason = value_at(reasons, i);

		fprintf(p->out, "  ");
		print_coloured(p, device_reason_severity(reason), device_reason_severity(reason));
		fprintf(p->out, ": %s\n", device_reason_message(reason));
		if (device_reason_remedy(reason))
			fprintf(p->out, "  %s %s\n", terminal_arrow(p->t),
				device_reason_remedy(reason));
	}
	fprintf(p->out, "\n");
}

static void show_binding(const struct page *p)
{
	const struct value *binding = device_field(p->device, VF_FIELD_BINDING);
	const char *driver = value_text(binding, KEY_DRIVER);
	const char *module = value_text(binding, KEY_MODULE);
	const char *state = value_text(binding, KEY_STATE);
	const char *explanation = value_text(binding, KEY_EXPLANATION);
	int64_t since = value_int(binding, KEY_SINCE_USEC, 0);
	uint64_t now = moment_now_usec();
	char span[MOMENT_TEXT_MAX];

	begin(p, "Binding");
	fprintf(p->out, "%s", state ? state : "-");
	if (driver)
		fprintf(p->out, ", %s", driver);
	if (driver && module && strcmp(driver, module) != 0)
		fprintf(p->out, " of module %s", module);
	if (since > 0) {
		fprintf(p->out, ", since ");
		print_seconds(p, since);
		if (now > (uint64_t)since)
			fprintf(p->out, " (%s ago)",
				moment_format_span(now - (uint64_t)since, span));
	}
	if (p->before) {
		fprintf(p->out, "; before: %s", device_state(p->before));
		if (device_driver(p->before))
			fprintf(p->out, ", %s", device_driver(p->before));
	}
	fprintf(p->out, "\n");
	if (explanation && *explanation) {
		begin(p, "");
		fprintf(p->out, "%s\n", explanation);
	}
	if (device_text(p->device, VF_FIELD_DRIVER_OVERRIDE)) {
		begin(p, "");
		fprintf(p->out, "driver_override is %s\n",
			device_text(p->device, VF_FIELD_DRIVER_OVERRIDE));
	}
}

static void show_vfs(const struct page *p)
{
	int64_t total = device_int(p->device, VF_FIELD_TOTAL_VFS, -1);
	int autoprobe = device_bool(p->device, VF_FIELD_DRIVERS_AUTOPROBE);

	if (total < 0)
		return;
	begin(p, "VFs");
	fprintf(p->out, "%" PRId64 " of %" PRId64, device_int(p->device, VF_FIELD_NUM_VFS, 0),
		total);
	if (autoprobe >= 0)
		fprintf(p->out, "; new ones %s probed by host drivers",
			autoprobe ? "are" : "are not");
	fprintf(p->out, "\n");
}

static void print_vfio_device(const struct page *p, const char *name, const struct value *nodes)
{
	int in_use = device_bool(p->device, VF_FIELD_IN_USE);

	fprintf(p->out, "%s", name ? name : "no vfio-dev/");
	for (size_t i = 0; i < value_count(nodes); i++)
		fprintf(p->out, "%s%s", i ? ", " : ": ", value_text_at(nodes, i));
	if (in_use >= 0)
		fprintf(p->out, "; %s", in_use ? "in use" : "not in use");
}

static void show_vfio(const struct page *p)
{
	const struct value *nodes = device_field(p->device, VF_FIELD_VFIO_NODES);
	const char *name = device_text(p->device, VF_FIELD_VFIO_DEVICE);
	const char *best = device_text(p->device, VF_FIELD_BEST_DRIVER);
	bool is_vfio = name || value_count(nodes);

	if (!is_vfio && !best)
		return;
	begin(p, "VFIO");
	if (is_vfio)
		print_vfio_device(p, name, nodes);
	if (best)
		fprintf(p->out, "%sthe best driver in modules.alias is %s", is_vfio ? "; " : "",
			best);
	fprintf(p->out, "\n");
}

static void show_group(const struct page *p)
{
	const struct value *members = device_field(p->device, VF_FIELD_IOMMU_GROUP_MEMBERS);
	int64_t group = device_int(p->device, VF_FIELD_IOMMU_GROUP, -1);

	begin(p, "Group");
	if (group < 0) {
		fprintf(p->out, "no IOMMU group\n");
		return;
	}
	fprintf(p->out, "%" PRId64 ": %s", group,
		value_count(members) ? "with " : "only this function");
	for (size_t i = 0; i < value_count(members); i++) {
		const struct value *member = value_at(members, i);
		const char *address = value_text(member, KEY_ADDRESS);
		const char *driver = value_text(member, KEY_DRIVER);

		fprintf(p->out, "%s%s (%s%s)", i ? ", " : "", address ? address : "-",
			driver ? driver : "no driver",
			value_bool(member, KEY_BLOCKS) == 1 ? ", blocks the group" : "");
	}
	fprintf(p->out, "\n");
}

static void print_tag(const char *name, const char *text, void *arg)
{
	const struct page *p = arg;

	/* As Nova normalises and stores them, these stand in the lines above. */
	if (strcmp(name, KEY_MANAGED) == 0 || strcmp(name, SPEC_LIVE_MIGRATABLE) == 0 ||
	    strcmp(name, vf_field_name(VF_FIELD_RESOURCE_CLASS)) == 0)
		return;
	begin(p, "");
	fprintf(p->out, "%s = %s\n", name, text);
}

/* A tag as the text that Nova keeps in extra_info, which it does for these two only. */
static void print_extra(const struct page *p, const struct value *spec, const char *name)
{
	const char *text = value_text(value_member(spec, KEY_TAGS), name);

	if (text)
		fprintf(p->out, "%s %s", name, text);
	else
		fprintf(p->out, "no %s", name);
}

static void show_stored(const struct page *p, const struct value *spec)
{
	const char *type = device_text(p->device, VF_FIELD_NOVA_DEVICE_TYPE);
	const char *parent = device_text(p->device, VF_FIELD_PHYSICAL_FUNCTION);

	begin(p, "");
	fprintf(p->out, "stored as %s", type ? type : "a type that is not known");
	if (parent)
		fprintf(p->out, ", parent %s", parent);
	fprintf(p->out, "\n");
	begin(p, "");
	fprintf(p->out, "extra_info: ");
	print_extra(p, spec, SPEC_MANAGED);
	fprintf(p->out, ", ");
	print_extra(p, spec, SPEC_LIVE_MIGRATABLE);
	fprintf(p->out, "; the rest comes from libvirt and Placement\n");
}

static void show_nova(const struct page *p)
{
	const struct value *spec = device_field(p->device, VF_FIELD_SPEC);
	const struct value *traits = device_field(p->device, VF_FIELD_TRAITS);
	const char *class = device_text(p->device, VF_FIELD_RESOURCE_CLASS);
	const char *file = value_text(spec, KEY_FILE);
	int managed = device_bool(p->device, VF_FIELD_MANAGED);
	int effective = device_bool(p->device, VF_FIELD_MANAGED_EFFECTIVE);
	struct page copy = *p;

	if (!spec)
		return;
	begin(p, "Nova");
	fprintf(p->out, "%s, managed=%s", class ? class : "no resource class",
		managed == 1 ? "yes" : "no");
	if (effective >= 0 && effective != managed)
		fprintf(p->out, " (the guest gets %s)", effective ? "yes" : "no");
	fprintf(p->out, "   %s:%" PRId64 " (device_spec %" PRId64 ", counted from 0)\n",
		file ? file : "-", value_int(spec, KEY_LINE, 0), value_int(spec, KEY_INDEX, 0));
	show_stored(p, spec);
	for (size_t i = 0; i < value_count(traits); i++) {
		begin(p, "");
		fprintf(p->out, "trait %s\n", value_text_at(traits, i));
	}
	value_each_text(value_member(spec, KEY_TAGS), print_tag, &copy);
}

static void show_guest(const struct page *p)
{
	const struct value *guest = device_field(p->device, VF_FIELD_GUEST_START);
	const char *during = value_text(guest, KEY_DRIVER_DURING);
	const char *after = value_text(guest, KEY_DRIVER_AFTER);
	int starts = value_bool(guest, KEY_STARTS);

	if (!guest)
		return;
	begin(p, "Guest");
	fprintf(p->out, "start %s",
		starts < 0 ? "can not be foretold"
		: starts   ? "works"
			   : "fails");
	if (during)
		fprintf(p->out, "; while it runs: %s", during);
	if (during || after)
		fprintf(p->out, "; afterwards: %s",
			after ? after : "what the kernel's probe then leaves, perhaps none");
	fprintf(p->out, "\n");
}

static void show_network(const struct page *p)
{
	const struct value *network = device_field(p->device, VF_FIELD_NETWORK);
	const char *interface = value_text(network, KEY_INTERFACE);
	const char *mac = value_text(network, KEY_MAC);

	if (!interface && !mac)
		return;
	begin(p, "Network");
	fprintf(p->out, "%s%s%s\n", interface ? interface : "no interface", mac ? ", " : "",
		mac ? mac : "");
}

static void show_vendor_state(const struct page *p)
{
	struct page copy = *p;

	value_each_text(device_field(p->device, VF_FIELD_VENDOR_STATE), print_tag, &copy);
}

static void show_ids(const struct page *p)
{
	const char *vendor = device_text(p->device, VF_FIELD_VENDOR_ID);
	const char *product = device_text(p->device, VF_FIELD_PRODUCT_ID);
	const char *subsystem_vendor = device_text(p->device, VF_FIELD_SUBSYSTEM_VENDOR_ID);
	const char *subsystem_product = device_text(p->device, VF_FIELD_SUBSYSTEM_PRODUCT_ID);
	const char *class = device_text(p->device, VF_FIELD_CLASS);
	int64_t numa_node = device_int(p->device, VF_FIELD_NUMA_NODE, -1);

	begin(p, "Ids");
	fprintf(p->out, "%s:%s", vendor ? vendor : "-", product ? product : "-");
	if (subsystem_vendor && subsystem_product)
		fprintf(p->out, ", subsystem %s:%s", subsystem_vendor, subsystem_product);
	if (class)
		fprintf(p->out, ", class %s", class);
	if (numa_node >= 0)
		fprintf(p->out, "; NUMA node %" PRId64, numa_node);
	fprintf(p->out, "\n");
}

static void show_seen(const struct page *p)
{
	int64_t appeared = value_int(p->device, KEY_APPEARED_USEC, 0);
	int64_t changed = value_int(p->device, KEY_ATTRIBUTES_CHANGED_USEC, 0);

	begin(p, "Seen");
	if (appeared > 0) {
		fprintf(p->out, "appeared ");
		print_seconds(p, appeared);
	} else {
		fprintf(p->out, "was there when the watch began");
	}
	if (changed > 0) {
		fprintf(p->out, ", changed for Nova ");
		print_seconds(p, changed);
	}
	fprintf(p->out, " (sequence %" PRId64 ")\n", value_int(p->device, KEY_SEQUENCE, 0));
}

void show_device(const struct value *device, const struct value *before, const struct terminal *t,
		 FILE *out)
{
	static void (*const parts[])(const struct page *p) = {
		show_title, show_readiness,    show_binding, show_vfs,
		show_vfio,  show_group,	       show_network, show_nova,
		show_guest, show_vendor_state, show_ids,     show_seen,
	};
	struct page page = { device, before, t, out };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i](&page);
}
