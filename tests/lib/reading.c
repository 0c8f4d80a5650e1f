/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

void reading_restart(struct reading *r)
{
	const struct sysfs_options options = { tree_sysfs(r->tree), tree_dev(r->tree),
					       tree_modules_alias(r->tree), tree_proc(r->tree) };

	r->sysfs = sysfs_free(r->sysfs);
	assert_int_equal(sysfs_new(&options, &r->sysfs), 0);
}

int reading_setup(void **state)
{
	struct reading *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->tree = tree_new();
	reading_restart(r);
	*state = r;
	return 0;
}

int reading_teardown(void **state)
{
	struct reading *r = *state;

	sysfs_free(r->sysfs);
	tree_free(r->tree);
	free(r);
	return 0;
}

const struct observation *reading_of_known(struct reading *r, const char *addr, uint64_t inode)
{
	const struct sysfs_want want = { inode, r->want_card_serial };
	struct pci_addr a;

	assert_int_equal(pci_addr_parse(addr, &a), 0);
	sysfs_read_function(r->sysfs, &a, &want, &r->obs);
	assert_int_equal(pci_addr_compare(&r->obs.addr, &a), 0);
	return &r->obs;
}

const struct observation *reading_of(struct reading *r, const char *addr)
{
	return reading_of_known(r, addr, 0);
}

const struct observation *reading_of_nodes(struct reading *r, const char *addr)
{
	struct pci_addr a;

	assert_int_equal(pci_addr_parse(addr, &a), 0);
	sysfs_read_nodes(r->sysfs, &a, &r->obs);
	return &r->obs;
}

void reading_assert_text(const char *text, const char *expected)
{
	if (!expected)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}
