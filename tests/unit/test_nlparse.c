/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/nlparse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
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
		{ RTM_NEWNEIGH, "pci", "0000:3b:02.1", UEVENT_TARGET_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_msg *msg = make_link(cases[i].type, cases[i].bus, cases[i].name);
		char text[PCI_ADDR_TEXT_MAX];
		struct uevent_subject s;

		assert_int_equal(nlparse_message(nlmsg_hdr(msg), &s), 0);
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
	assert_int_equal(nlparse_message(nlmsg_hdr(msg), &s), 0);
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
			assert_int_equal(nlparse_message(nlh, &s), -EBADMSG);
			continue;
		}
		assert_int_equal(nlparse_message(nlh, &s), 0);
		assert_int_equal(s.target, UEVENT_TARGET_NOTHING);
	}
	nlmsg_free(msg);
}

/* An address message with these attributes (NULL: without). The caller frees. */
static struct nl_msg *make_address(int type, int family, const char *local, const char *address)
{
	const struct ifaddrmsg info = { .ifa_family = (uint8_t)family, .ifa_index = 2 };
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);
	const char *texts[] = { local, address };
	uint8_t bytes[16];

	assert_non_null(msg);
	assert_int_equal(nlmsg_append(msg, (void *)(uintptr_t)&info, sizeof(info), NLMSG_ALIGNTO),
			 0);
	for (int i = 0; i < 2; i++) {
		if (!texts[i])
			continue;
		assert_int_equal(inet_pton(family, texts[i], bytes), 1);
		assert_int_equal(nla_put(msg, i == 0 ? IFA_LOCAL : IFA_ADDRESS,
					 family == AF_INET ? 4 : 16, bytes),
				 0);
	}
	return msg;
}

/* A container's interface gets a link-local address whenever it comes up: that is no news. */
static void test_an_address_asks_to_look_unless_it_is_link_local(void **state)
{
	static const struct {
		int type, family;
		const char *local, *address;
		enum uevent_target target;
	} cases[] = {
		{ RTM_NEWADDR, AF_INET, "192.0.2.1", "192.0.2.1", UEVENT_TARGET_ADDRESSES },
		{ RTM_DELADDR, AF_INET, "192.0.2.1", "192.0.2.1", UEVENT_TARGET_ADDRESSES },
		{ RTM_NEWADDR, AF_INET6, NULL, "2001:db8::1", UEVENT_TARGET_ADDRESSES },
		{ RTM_DELADDR, AF_INET6, NULL, "fd00::1", UEVENT_TARGET_ADDRESSES },
		{ RTM_NEWADDR, AF_INET6, NULL, "fe80::1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWADDR, AF_INET6, NULL, "febf::1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWADDR, AF_INET6, NULL, "fec0::1", UEVENT_TARGET_ADDRESSES },
		{ RTM_NEWADDR, AF_INET, "169.254.7.1", "169.254.7.1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWADDR, AF_INET, "169.253.7.1", NULL, UEVENT_TARGET_ADDRESSES },
		{ RTM_NEWADDR, AF_INET, "192.0.2.1", "169.254.7.1", UEVENT_TARGET_ADDRESSES },
		{ RTM_NEWADDR, AF_INET, "127.0.0.1", "127.0.0.1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWADDR, AF_INET6, NULL, "::1", UEVENT_TARGET_NOTHING },
		{ RTM_NEWADDR, AF_INET6, NULL, NULL, UEVENT_TARGET_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_msg *msg = make_address(cases[i].type, cases[i].family, cases[i].local,
						  cases[i].address);
		struct uevent_subject s;

		assert_int_equal(nlparse_message(nlmsg_hdr(msg), &s), 0);
		assert_int_equal(s.target, cases[i].target);
		assert_int_equal(s.hint.cause.source, CAUSE_NETLINK);
		nlmsg_free(msg);
	}
}

static void test_an_address_of_the_wrong_length_is_no_news(void **state)
{
	struct nl_msg *msg = make_address(RTM_NEWADDR, AF_INET6, NULL, NULL);
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct uevent_subject s;

	(void)state;
	assert_int_equal(nla_put(msg, IFA_ADDRESS, 4, "\300\000\002\001"), 0);
	assert_int_equal(nlparse_message(nlh, &s), 0);
	assert_int_equal(s.target, UEVENT_TARGET_NOTHING);
	nlh->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)) - 1;
	assert_int_equal(nlparse_message(nlh, &s), -EBADMSG);
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_link_names_the_function_below_it),
		cmocka_unit_test(test_a_text_without_its_nul_ends_with_the_attribute),
		cmocka_unit_test(test_a_cut_message_does_no_harm),
		cmocka_unit_test(test_an_address_asks_to_look_unless_it_is_link_local),
		cmocka_unit_test(test_an_address_of_the_wrong_length_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
