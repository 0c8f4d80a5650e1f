/* SPDX-License-Identifier: Apache-2.0 */
#include "threaded.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

int threaded_setup(void **state)
{
	struct threaded *f = calloc(1, sizeof(*f));
	struct reader_options options;

	assert_non_null(f);
	f->tree = tree_new();
	options = (struct reader_options){ tree_sysfs(f->tree), tree_dev(f->tree),
					   tree_modules_alias(f->tree), tree_proc(f->tree) };
	tree_add_pf(f->tree, PF, 512);
	assert_int_equal(reader_new(&options, &f->reader), 0);
	*state = f;
	return 0;
}

int threaded_teardown(void **state)
{
	struct threaded *f = *state;

	reader_free(f->reader);
	tree_free(f->tree);
	free(f);
	return 0;
}

bool threaded_is_readable(struct reader *r, int timeout_msec)
{
	struct pollfd p = { .fd = reader_fd(r), .events = POLLIN };

	return poll(&p, 1, timeout_msec) == 1;
}

const struct observation *threaded_next(struct threaded *f)
{
	const struct observation *obs;

	while (reader_next(f->reader, &obs) == 0)
		assert_true(threaded_is_readable(f->reader, DEADLINE_MSEC));
	return obs;
}

struct read_request threaded_request_for(const char *addr)
{
	struct read_request request = { .what = READ_FUNCTION };

	assert_int_equal(pci_addr_parse(addr, &request.addr), 0);
	return request;
}

void threaded_assert_addr(const struct observation *obs, const char *addr)
{
	char text[PCI_ADDR_TEXT_MAX];

	assert_string_equal(pci_addr_format(&obs->addr, text), addr);
}
