/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of device_spec that look at more than the function itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/host.h"

#define TAKES_VFS "{\"product_id\": \"10ca\", \"managed\": \"no\"}"

#define TAKES_PF "{\"address\": \"" HOST_PF "\", \"managed\": \"no\"}"

static void test_an_entry_with_a_pfs_address_takes_vfs_while_that_is_a_pf(void **state)
{
	struct host *h = *state;

	host_see_two_vfs(h, TAKES_PF);
	assert_non_null(host_get(h, HOST_VF0)->spec);
	host_gone(h, HOST_PF);
	assert_null(host_get(h, HOST_VF0)->spec);
	assert_int_equal(host_get(h, HOST_VF1)->readiness, VF_READINESS_UNTRACKED);
	host_see_bound_pf(h);
	assert_non_null(host_get(h, HOST_VF0)->spec);
	assert_non_null(host_get(h, HOST_VF1)->spec);
}

static void test_an_entry_with_a_pfs_interface_takes_its_vfs_while_it_has_it(void **state)
{
	struct host *h = *state;
	struct observation pf = host_bound_pf();

	host_see_two_vfs(h, "{\"devname\": \"ens1\", \"managed\": \"no\"}");
	assert_null(host_get(h, HOST_VF0)->spec);
	pf.interface = observation_put(&pf, "ens1", 4);
	host_see(h, &pf);
	assert_non_null(host_get(h, HOST_PF)->spec);
	assert_non_null(host_get(h, HOST_VF0)->spec);
	pf.interface = observation_put(&pf, "ens2", 4);
	host_see(h, &pf);
	assert_null(host_get(h, HOST_VF0)->spec);
	host_configure(h, "{\"devname\": \"ens2\"}");
	assert_non_null(host_get(h, HOST_VF0)->spec);
	host_gone(h, HOST_PF);
	assert_null(host_get(h, HOST_VF0)->spec);
}

static void test_an_entry_with_a_vfs_own_interface_takes_it_alone(void **state)
{
	struct host *h = *state;
	struct observation vf = host_vf(HOST_VF0, HOST_PF, 0);

	host_see_two_vfs(h, "{\"devname\": \"ens1v0\"}");
	vf.interface = observation_put(&vf, "ens1v0", 6);
	host_see(h, &vf);
	assert_non_null(host_get(h, HOST_VF0)->spec);
	assert_null(host_get(h, HOST_VF1)->spec);
	vf.interface = NULL;
	host_see(h, &vf);
	assert_null(host_get(h, HOST_VF0)->spec);
}

static void test_a_card_serial_is_wanted_where_it_decides(void **state)
{
	struct host *h = *state;
	const struct vf *vf;

	host_see_two_vfs(h, "{\"address\": \"" HOST_VF0 "\", \"remote_managed\": \"true\","
			    " \"physical_network\": null}");
	vf = host_get(h, HOST_VF0);
	assert_true(registry_wants_card_serial(h->registry, &vf->addr));
	vf = host_get(h, HOST_VF1);
	assert_false(registry_wants_card_serial(h->registry, &vf->addr));
	host_configure(h, TAKES_VFS);
	vf = host_get(h, HOST_VF0);
	assert_false(registry_wants_card_serial(h->registry, &vf->addr));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_entry_with_a_pfs_address_takes_vfs_while_that_is_a_pf),
		TEST(test_an_entry_with_a_pfs_interface_takes_its_vfs_while_it_has_it),
		TEST(test_an_entry_with_a_vfs_own_interface_takes_it_alone),
		TEST(test_a_card_serial_is_wanted_where_it_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
