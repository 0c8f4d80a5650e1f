/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/functions.h"
#include "vfmon/cleanup.h"
#include "vfmon/hostdev_xml.h"
#include "vfmon/vf.h"

DEFINE_CLEANUP(char *, free);

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NOVA_31 VERSION(31, 0, 0)

#define HOSTDEV(managed, function)                                                                 \
	"<hostdev mode=\"subsystem\" type=\"pci\" managed=\"" managed "\">\n"                      \
	"  <source>\n"                                                                             \
	"    <address domain=\"0x0001\" bus=\"0x0a\" slot=\"0x00\" function=\"0x" function         \
	"\"/>\n"                                                                                   \
	"  </source>\n"                                                                            \
	"</hostdev>\n"

#define INTERFACE                                                                                  \
	"<interface type=\"hostdev\" managed=\"yes\">\n"                                           \
	"  <!-- Nova puts the port's mac element here, and its vlan -->\n"                         \
	"  <source>\n"                                                                             \
	"    <address type=\"pci\" domain=\"0x0001\" bus=\"0x0a\" slot=\"0x00\" "                  \
	"function=\"0x7\"/>\n"                                                                     \
	"  </source>\n"                                                                            \
	"</interface>\n"

struct row {
	const char *value;
	const char *address;
	uint32_t class_code;
	const char *xml;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_(functions_done) struct functions f;
		cleanup_(freep) char *xml = NULL;

		functions_init(&f, NOVA_31, rows[i].value);
		functions_add_all(&f, rows[i].address);
		f.items[0]->has_class = true;
		f.items[0]->class_code = rows[i].class_code;
		assert_int_equal(hostdev_xml(&f.policy, f.items[0], &xml), 0);
		assert_string_equal(xml, rows[i].xml);
	}
}

static void test_a_flavors_device_is_managed_unless_its_entry_says_no(void **state)
{
	static const struct row rows[] = {
		{ "{}", "0001:0a:00.7", 0x030200, HOSTDEV("yes", "7") },
		{ "{\"managed\": null}", "0001:0a:00.7", 0x030200, HOSTDEV("yes", "7") },
		{ "{\"managed\": \"yes\"}", "0001:0a:00.7", 0x030200, HOSTDEV("yes", "7") },
		{ "{\"managed\": \"no\"}", "0001:0a:00.7", 0x030200, HOSTDEV("no", "7") },
		{ "{\"managed\": \"no\"}", "0001:0a:00.0", 0x020000, HOSTDEV("no", "0") },
		{ "{\"managed\": \"no\", \"physical_network\": null}", "0001:0a:00.7", 0x020000,
		  HOSTDEV("no", "7") },
		{ "{\"managed\": \"no\", \"physical_network\": \"\"}", "0001:0a:00.7", 0x020000,
		  HOSTDEV("no", "7") },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_port_on_a_vf_is_a_managed_interface_whatever_the_entry_says(void **state)
{
	static const struct row rows[] = {
		{ "{\"physical_network\": \"net1\"}", "0001:0a:00.7", 0x020000, INTERFACE },
		{ "{\"physical_network\": \"net1\", \"managed\": \"no\"}", "0001:0a:00.7", 0x020000,
		  INTERFACE },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_port_on_a_pf_or_infiniband_is_a_managed_hostdev(void **state)
{
	static const struct row rows[] = {
		{ "{\"physical_network\": \"net1\", \"managed\": \"no\"}", "0001:0a:00.0", 0x020000,
		  HOSTDEV("yes", "0") },
		{ "{\"physical_network\": \"net1\", \"managed\": \"no\"}", "0001:0a:00.7", 0x020700,
		  HOSTDEV("yes", "7") },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_container_gets_what_libvirt_takes_for_managed(void **state)
{
	cleanup_(functions_done) struct functions f;
	cleanup_(freep) char *xml = NULL;
	char lxc[] = "lxc";

	(void)state;
	functions_init(&f, NOVA_31, "{\"managed\": \"no\"}");
	f.config.virt_type = lxc;
	functions_add_all(&f, "0001:0a:00.7");
	assert_int_equal(hostdev_xml(&f.policy, f.items[0], &xml), 0);
	assert_string_equal(xml, HOSTDEV("yes", "7"));
}

static void test_without_an_entry_no_guest_gets_it(void **state)
{
	cleanup_(functions_done) struct functions f;
	char *xml = NULL;

	(void)state;
	functions_init(&f, NOVA_31, "[]");
	functions_add_all(&f, "0001:0a:00.7");
	assert_int_equal(hostdev_xml(&f.policy, f.items[0], &xml), -ENODATA);
	assert_null(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flavors_device_is_managed_unless_its_entry_says_no),
		cmocka_unit_test(
			test_a_port_on_a_vf_is_a_managed_interface_whatever_the_entry_says),
		cmocka_unit_test(test_a_port_on_a_pf_or_infiniband_is_a_managed_hostdev),
		cmocka_unit_test(test_a_container_gets_what_libvirt_takes_for_managed),
		cmocka_unit_test(test_without_an_entry_no_guest_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
