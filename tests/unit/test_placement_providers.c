/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/alloc.h"
#include "../lib/functions.h"
#include "vfmon/cleanup.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"
#include "vfmon/placement.h"
#include "vfmon/vf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NOVA_31 VERSION(31, 0, 0)
#define NOVA_32 VERSION(32, 0, 0)
#define NOVA_34 VERSION(34, 0, 0)

struct row {
	version_t nova;
	const char *value;
	const char *functions;
	/* "name class total trait,trait;" of each, or what is said of the refusal */
	const char *text;
};

static void describe(const struct providers *p, char *buf, size_t size)
{
	FILE *out = fmemopen(buf, size, "w");

	assert_non_null(out);
	for (size_t i = 0; i < p->count; i++) {
		const struct provider *item = &p->items[i];

		(void)fprintf(out, "%s %s %zu", item->name, item->resource_class,
			      item->device_count);
		for (size_t t = 0; t < item->trait_count; t++)
			(void)fprintf(out, "%c%s", t ? ',' : ' ', item->traits[t]);
		(void)fprintf(out, ";");
	}
	if (p->refused)
		(void)fprintf(out, "%s", p->refused);
	(void)fclose(out);
}

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_(functions_done) struct functions f;
		cleanup_(providers_done) struct providers p = { 0 };
		char text[1024] = "";

		functions_init(&f, rows[i].nova, rows[i].value);
		functions_add_all(&f, rows[i].functions);
		assert_int_equal(providers_make(&f.policy, f.policy.host_name, functions_list(&f),
						f.count, &p),
				 0);
		describe(&p, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

#define COMPUTE "COMPUTE_MANAGED_PCI_DEVICE"
#define VFS "0000:0a:00.1 0000:0a:00.2 0000:0a:00.3"

static void test_vfs_are_counted_in_the_provider_of_their_pf(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, "{\"address\": \"0a:*.*\"}", VFS,
		  "compute-1_0000:0A:00.0 CUSTOM_PCI_8086_154C 3 " COMPUTE ";" },
		/* the PF has an entry of its own or none: the name is the same */
		{ NOVA_31, "{\"address\": \".2\"}", "0000:0a:00.0 " VFS,
		  "compute-1_0000:0A:00.0 CUSTOM_PCI_8086_154C 1 " COMPUTE ";" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_pf_and_plain_function_have_a_provider_each(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, "{\"address\": \".0\", \"resource_class\": \"pgpu\"}",
		  "0000:0a:00.0 0000:0b:00.0 0000:8c:00.0 0000:8d:00.0",
		  "compute-1_0000:0A:00.0 PGPU 1 " COMPUTE ";compute-1_0000:0B:00.0 PGPU 1 " COMPUTE
		  ";compute-1_0000:8C:00.0 PGPU 1 " COMPUTE
		  ";compute-1_0000:8D:00.0 PGPU 1 " COMPUTE ";" },
		{ NOVA_31, "{\"address\": \"1f\"}", "0000:8c:00.0", "" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_nova_adds_traits_of_its_own(void **state)
{
#define TAGGED                                                                                     \
	"{\"traits\": \"gold,HW_GPU_API_VULKAN\", \"live_migratable\": \"yes\", "                  \
	"\"one_time_use\": \"true\"}"
	static const struct row rows[] = {
		{ NOVA_31, TAGGED, "0000:8c:00.0",
		  "compute-1_0000:8C:00.0 CUSTOM_PCI_8086_154C 1 " COMPUTE
		  ",CUSTOM_GOLD,HW_GPU_API_VULKAN;" },
		{ NOVA_32, TAGGED, "0000:8c:00.0",
		  "compute-1_0000:8C:00.0 CUSTOM_PCI_8086_154C 1 " COMPUTE
		  ",CUSTOM_GOLD,HW_GPU_API_VULKAN,HW_PCI_ONE_TIME_USE;" },
		{ NOVA_34, TAGGED, "0000:8c:00.0",
		  "compute-1_0000:8C:00.0 CUSTOM_PCI_8086_154C 1 " COMPUTE
		  ",CUSTOM_GOLD,HW_GPU_API_VULKAN,HW_PCI_LIVE_MIGRATABLE,HW_PCI_ONE_TIME_USE,"
		  "OWNER_NOVA;" },
		{ NOVA_34,
		  "{\"traits\": \"OWNER_NOVA\", \"live_migratable\": \"no\", \"one_time_use\": "
		  "\"no\"}",
		  "0000:8c:00.0",
		  "compute-1_0000:8C:00.0 CUSTOM_PCI_8086_154C 1 " COMPUTE ",OWNER_NOVA;" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_what_is_kept_for_neutron_is_not_reported(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, "{\"physical_network\": \"net1\"}", "0000:0a:00.0 " VFS, "" },
		{ NOVA_31, "{\"physical_network\": null}", "0000:8c:00.0",
		  "compute-1_0000:8C:00.0 CUSTOM_PCI_8086_154C 1 " COMPUTE ";" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_conflict_refuses_the_start_and_nothing_is_reported(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, "{}", "0000:8c:00.0 0000:0a:00.0 0000:0a:00.1",
		  "PlacementPciDependentDeviceException: 0000:0a:00.1: a physical function and a VF "
		  "of it are both taken" },
		/* the first in the order of the functions, whatever it is */
		{ NOVA_31,
		  "[{\"address\": \".1\"}, {\"address\": \".2\", \"traits\": \"A\"}, "
		  "{\"address\": \".3\", \"resource_class\": \"A\"}]",
		  VFS,
		  "PlacementPciMixedTraitsException: 0000:0a:00.2: VFs of one physical function have "
		  "different traits" },
		/* the function itself need not be the one that the entry is for */
		{ NOVA_31, "[{\"devname\": \"eth9\"}, {\"address\": \"8c:*.*\"}]", "0000:8c:00.0",
		  "PlacementPciException: an entry uses devname" },
		{ NOVA_34, "{\"one_time_use\": \"yes\"}", VFS,
		  "PlacementPciException: 0000:0a:00.1: one_time_use is set for a VF, which only a "
		  "physical or plain function may have" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_class_or_traits_that_are_no_text_keep_all_from_placement(void **state)
{
	static const struct row rows[] = {
		{ NOVA_31, "[{\"address\": \".1\", \"resource_class\": 5}, {}]",
		  "0000:0a:00.1 0000:8c:00.0", "" },
		{ NOVA_31, "[{\"address\": \".1\", \"traits\": [\"A\"]}, {}]",
		  "0000:0a:00.1 0000:8c:00.0", "" },
		/* what comes first counts */
		{ NOVA_31, "[{\"address\": \"8c:*.*\", \"traits\": [\"A\"]}, {}]",
		  "0000:0a:00.0 0000:0a:00.1 0000:8c:00.0",
		  "PlacementPciDependentDeviceException: 0000:0a:00.1: a physical function and a VF "
		  "of it are both taken" },
		{ NOVA_31, "{\"resource_class\": 0, \"traits\": []}", "0000:8c:00.0",
		  "compute-1_0000:8C:00.0 CUSTOM_PCI_8086_154C 1 " COMPUTE ";" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_files_that_nova_refuses_are_why_it_would_not_start(void **state)
{
	static const char bad[] = "[pci]\ndevice_spec = {}\nalias = {\n";
	static const struct {
		struct nova_file file;
		const char *text;
	} rows[] = {
		{ { .path = "/n.conf", .bytes = bad, .len = sizeof(bad) - 1 },
		  "/n.conf:3:10: not valid JSON: " },
		{ { .path = "/n.conf", .error = ENOENT },
		  "/n.conf: the file can not be read: No such file" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(nova_config_freep) struct nova_config *config = NULL;
		cleanup_(providers_done) struct providers p = { 0 };
		struct policy policy = { .nova = NOVA_34, .host_name = "h" };

		assert_int_equal(nova_config_parse(NOVA_34, &rows[i].file, 1, &config), 0);
		policy.config = config;
		assert_int_equal(providers_make(&policy, "h", NULL, 0, &p), 0);
		assert_int_equal(p.count, 0);
		assert_non_null(p.refused);
		assert_memory_equal(p.refused, rows[i].text, strlen(rows[i].text));
	}
}

static void test_too_little_memory_is_told_and_leaves_nothing(void **state)
{
	cleanup_(functions_done) struct functions f;
	bool failed = true;

	(void)state;
	functions_init(&f, NOVA_34, "{\"address\": \".1\", \"traits\": \"A\"}");
	functions_add_all(&f, "0000:0a:00.1 0000:0b:00.1");
	for (size_t i = 0; failed; i++) {
		struct providers p = { 0 };
		int r;

		alloc_fail_after(i);
		r = providers_make(&f.policy, "h", functions_list(&f), f.count, &p);
		failed = alloc_fail_never();
		assert_int_equal(r, failed ? -ENOMEM : 0);
		assert_int_equal(p.count, failed ? 0 : 2);
		providers_done(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vfs_are_counted_in_the_provider_of_their_pf),
		cmocka_unit_test(test_pf_and_plain_function_have_a_provider_each),
		cmocka_unit_test(test_nova_adds_traits_of_its_own),
		cmocka_unit_test(test_what_is_kept_for_neutron_is_not_reported),
		cmocka_unit_test(test_a_conflict_refuses_the_start_and_nothing_is_reported),
		cmocka_unit_test(test_a_class_or_traits_that_are_no_text_keep_all_from_placement),
		cmocka_unit_test(test_files_that_nova_refuses_are_why_it_would_not_start),
		cmocka_unit_test(test_too_little_memory_is_told_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
