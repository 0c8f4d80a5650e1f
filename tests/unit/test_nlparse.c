/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/nlparse.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

/* A link message with these attributes; NULL: without. The caller frees. */
static struct nl_msg *make_link(int type, const char *bus, const char *name)
{
	const struct ifinfomsg info = { .ifi_index = 2 };
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	assert_non_null(msg);
	assert_int_equal(nlmsg_append(msg, (void *)(uintptr_t)&info, sizeof(info), NLMSG_ALIGNTO),
			 0);
	assert_int_equal(nla_put_string(msg, IFLA_IFNAME, "ens1f0v0"), 0);
	if (name)
		assert_int_equal(nla_put_string(msg, IFLA_PARENT_DEV_NAME, name), 0);
	if (bus)
		assert_int_equal(nla_put_string(msg, IFLA_PARENT_DEV_BUS_NAME, bus), 0);
	return msg;
}

static void test_a_link_names_the_function_below_it(void **state)
{
	static const struct {
		int type;
		const char *bus, *name;
		enum uevent_target target;
	} cases[] = {
		{ RTM_NEWLINK, "pci", "0000:3b:02.1", UEVENT_TARGET_FUNCTION },
		{ RTM_DELLINK, "pci", "0000:3b:02.1", UEVENT_TARGET_FUNCTION },
		{ RTM_NEWLINK, "usb", "0000:3b:02.1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWLINK, "pc", "0000:3b:02.1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWLINK, "", "0000:3b:02.1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWLINK, "pci0", "0000:3b:02.1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWLINK, "pci", "1-1:1.0", UEVENT_TARGET_NOTHING },
		{ RTM_NEWLINK, "pci", "", UEVENT_TARGET_NOTHING },
		{ RTM_NEWLINK, "pci", NULL, UEVENT_TARGET_NOTHING },
		{ RTM_NEWLINK, NULL, "0000:3b:02.1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWADDR, "pci", "0000:3b:02.1", UEVENT_TARGET_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_msg *msg = make_link(cases[i].type, cases[i].bus, cases[i].name);
		char text[PCI_ADDR_TEXT_MAX];
		struct uevent_subject s;

		assert_int_equal(nlparse_link(nlmsg_hdr(msg), &s), 0);
		assert_int_equal(s.target, cases[i].target);
		if (s.target == UEVENT_TARGET_FUNCTION)
			assert_string_equal(pci_addr_format(&s.addr, text), cases[i].name);
		assert_int_equal(s.hint.cause.source, CAUSE_NETLINK);
		assert_int_equal(s.hint.cause.action, UEVENT_NONE);
		assert_int_equal(s.hint.evidence, 0);
		nlmsg_free(msg);
	}
}

static void test_a_text_without_its_nul_ends_with_the_attribute(void **state)
{
	struct nl_msg *msg = make_link(RTM_NEWLINK, "pci", NULL);
	struct uevent_subject s;

	(void)state;
	assert_int_equal(nla_put(msg, IFLA_PARENT_DEV_NAME, 12, "0000:3b:02.1"), 0);
	assert_int_equal(nlparse_link(nlmsg_hdr(msg), &s), 0);
	assert_int_equal(s.target, UEVENT_TARGET_FUNCTION);
	nlmsg_free(msg);
}

/* Cut anywhere, it is refused or tells less, never something else. */
static void test_a_cut_message_does_no_harm(void **state)
{
	struct nl_msg *msg = make_link(RTM_NEWLINK, "pci", "0000:3b:02.1");
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	uint32_t whole = nlh->nlmsg_len;
	struct uevent_subject s;

	(void)state;
	for (uint32_t len = NLMSG_HDRLEN; len < whole; len++) {
		nlh->nlmsg_len = len;
		if (len < NLMSG_LENGTH(sizeof(struct ifinfomsg))) {
			assert_int_equal(nlparse_link(nlh, &s), -EBADMSG);
			continue;
		}
		assert_int_equal(nlparse_link(nlh, &s), 0);
		assert_int_equal(s.target, UEVENT_TARGET_NOTHING);
	}
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_link_names_the_function_below_it),
		cmocka_unit_test(test_a_text_without_its_nul_ends_with_the_attribute),
		cmocka_unit_test(test_a_cut_message_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
