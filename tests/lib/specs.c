/* SPDX-License-Identifier: Apache-2.0 */
#include "specs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool is_physical_function(const char *name, void *arg)
{
	struct pci_addr addr;
	char text[PCI_ADDR_TEXT_MAX];

	(void)arg;
	return pci_addr_parse(name, &addr) == 0 && addr.func == 0 &&
	       strcmp(pci_addr_format(&addr, text), name) == 0;
}

static bool find_interface(const char *name, struct pci_addr *ret, void *arg)
{
	static const struct {
		const char *name;
		const char *address;
	} interfaces[] = { { "eth0", "0000:25:00.0" }, { "eth4", "0000:25:00.4" } };

	(void)arg;
	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++)
		if (strcmp(interfaces[i].name, name) == 0)
			return pci_addr_parse(interfaces[i].address, ret) == 0;
	return false;
}

const struct spec_host specs_host = {
	.is_physical_function = is_physical_function,
	.find_interface = find_interface,
};

static const struct spec_rules newest = { .nova = NOVA_NEWEST };

struct device_specs *specs_new_for(const struct spec_rules *rules)
{
	struct device_specs *specs = NULL;

	assert_int_equal(device_specs_new(rules, &specs), 0);
	return specs;
}

struct device_specs *specs_new(void)
{
	return specs_new_for(&newest);
}

int specs_add(struct device_specs *specs, const char *text, struct spec_error *error)
{
	const struct spec_value value = {
		.file = "nova.conf",
		.line = 3,
		.column = 15,
		.text = text,
		.len = strlen(text),
	};

	return device_specs_add(specs, &value, error);
}

void specs_add_good(struct device_specs *specs, const char *text)
{
	struct spec_error error;
	int r = specs_add(specs, text, &error);

	if (r != 0)
		fail_msg("%s: %d %u:%u %s", text, r, error.line, error.column, error.reason);
}

struct spec_subject specs_subject(const char *address)
{
	struct spec_subject s = { .vendor_id = 0x10de, .product_id = 0x25b6 };

	assert_int_equal(pci_addr_parse(address, &s.addr), 0);
	s.has_parent = s.addr.func != 0;
	s.parent = s.addr;
	s.parent.func = 0;
	return s;
}

struct spec_match *specs_match(struct device_specs *specs, const char *address)
{
	struct spec_subject s = specs_subject(address);
	struct spec_match *m = NULL;

	assert_int_equal(device_specs_match(specs, &specs_host, &s, &m), 0);
	return m;
}

bool specs_take(const struct spec_rules *rules, const char *entry,
		const struct spec_subject *subject)
{
	cleanup_(device_specs_freep) struct device_specs *specs = specs_new_for(rules);
	cleanup_(spec_match_unrefp) struct spec_match *m = NULL;

	specs_add_good(specs, entry);
	assert_int_equal(device_specs_match(specs, &specs_host, subject, &m), 0);
	return m != NULL;
}

static bool takes(const char *entry, const char *address)
{
	const struct spec_subject subject = specs_subject(address);

	return specs_take(&newest, entry, &subject);
}

void specs_check_takes(const struct specs_take *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (takes(rows[i].entry, rows[i].address) != rows[i].takes)
			fail_msg("%s and %s", rows[i].entry, rows[i].address);
}

void specs_check_refused(const struct specs_refusal *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_(device_specs_freep) struct device_specs *specs = specs_new();
		struct spec_error error;

		if (specs_add(specs, rows[i].entry, &error) != -EINVAL)
			fail_msg("%s was taken", rows[i].entry);
		if (error.line != 3 || error.column != rows[i].column ||
		    !strstr(error.reason, rows[i].reason))
			fail_msg("%s: %u:%u %s", rows[i].entry, error.line, error.column,
				 error.reason);
		if (strcmp(error.nova_class, rows[i].nova_class) != 0)
			fail_msg("%s: %s", rows[i].entry, error.nova_class);
		assert_int_equal(device_specs_count(specs), 0);
	}
}
