/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/addr_dump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/inject.h"

/* More than the kernel puts into what it sends ahead of being asked. */
#define MANY 2000
#define FIRST 0x0a000001U /* 10.0.0.1 */

struct message {
	struct nlmsghdr header;
	struct ifaddrmsg about;
	struct rtattr attr;
	uint8_t bytes[16];
};

/* Has the kernel add or take away an address of lo, and waits for its answer. */
static void change(int type, int family, const void *address)
{
	size_t len = family == AF_INET ? 4 : 16;
	struct message m = {
		.header = { .nlmsg_len = (uint32_t)(offsetof(struct message, bytes) + len),
			    .nlmsg_type = (uint16_t)type,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE },
		.about = { .ifa_family = (uint8_t)family,
			   .ifa_prefixlen = (uint8_t)(len * 8),
			   .ifa_flags = IFA_F_NODAD,
			   .ifa_index = if_nametoindex("lo") },
		.attr = { (uint16_t)RTA_LENGTH(len), IFA_LOCAL },
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char more[512];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	memcpy(m.bytes, address, len);
	assert_true(fd >= 0);
	assert_int_equal(send(fd, &m, m.header.nlmsg_len, 0), m.header.nlmsg_len);
	assert_true(recv(fd, &answer, sizeof(answer), 0) > 0);
	assert_int_equal(answer.header.nlmsg_type, NLMSG_ERROR);
	assert_int_equal(answer.error.error, 0);
	close(fd);
}

static void change_number(int type, uint32_t number)
{
	const uint32_t address = htonl(FIRST + number);

	change(type, AF_INET, &address);
}

static void add_many(void)
{
	for (uint32_t i = 0; i < MANY; i++)
		change_number(RTM_NEWADDR, i);
}

/* All of them go with the first, as they are of its network. */
static int teardown(void **state)
{
	struct addr_dump d = { 0 };
	int r = 0;

	(void)state;
	do {
		addr_dump_done(&d);
		r = addr_dump_read(&d);
		for (size_t i = 0; i < d.count && r == 0; i++)
			change(RTM_DELADDR, d.entries[i].family, d.entries[i].address);
	} while (r == 0 && d.count > 0);
	addr_dump_done(&d);
	return r;
}

static bool has(const struct addr_dump *d, uint32_t number)
{
	const uint32_t address = htonl(FIRST + number);

	for (size_t i = 0; i < d->count; i++)
		if (d->entries[i].family == AF_INET &&
		    memcmp(d->entries[i].address, &address, sizeof(address)) == 0)
			return true;
	return false;
}

static void test_an_address_has_its_length_and_its_interface(void **state)
{
	struct addr_dump d = { 0 };
	struct in6_addr six;

	(void)state;
	assert_int_equal(addr_dump_read(&d), 0);
	assert_int_equal(d.count, 0);
	change_number(RTM_NEWADDR, 0);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &six), 1);
	change(RTM_NEWADDR, AF_INET6, &six);
	assert_int_equal(addr_dump_read(&d), 0);
	assert_int_equal(d.count, 2);
	assert_true(has(&d, 0));
	assert_int_equal(d.entries[0].prefix, 32);
	assert_string_equal(d.entries[0].interface, "lo");
	assert_int_equal(d.entries[1].family, AF_INET6);
	assert_memory_equal(d.entries[1].address, &six, sizeof(six));
	assert_int_equal(d.entries[1].prefix, 128);
	assert_string_equal(d.entries[1].interface, "lo");
	addr_dump_done(&d);
}

/* The kernel goes on with a dump at each part that is read: what changes between two of them shows. */
static void test_a_dump_that_was_interrupted_is_no_answer(void **state)
{
	struct addr_dump d = { 0 };
	int fd = addr_dump_open();

	(void)state;
	add_many();
	assert_true(fd >= 0);
	assert_int_equal(addr_dump_request(fd), 0);
	change_number(RTM_NEWADDR, MANY);
	assert_int_equal(addr_dump_receive(fd, &d), -EINTR);
	addr_dump_done(&d);
	close(fd);
	assert_int_equal(addr_dump_read(&d), 0);
	assert_int_equal(d.count, MANY + 1);
	assert_true(has(&d, 0) && has(&d, MANY));
	addr_dump_done(&d);
}

static void test_what_the_kernel_refuses_is_an_error(void **state)
{
	const struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} refusal = { { .nlmsg_len = sizeof(refusal), .nlmsg_type = NLMSG_ERROR },
		      { .error = -EPERM } };
	struct addr_dump d = { 0 };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(addr_dump_receive(pair[0], &d), -ETIMEDOUT);
	assert_int_equal(write(pair[1], &refusal, sizeof(refusal)), sizeof(refusal));
	assert_int_equal(addr_dump_receive(pair[0], &d), -EPERM);
	assert_int_equal(d.count, 0);
	close(pair[0]);
	close(pair[1]);
	assert_true(addr_dump_request(-1) < 0);
	assert_true(addr_dump_receive(-1, &d) < 0);
}

/* What an earlier part has left in the memory that it was read into is no part of it. */
static void test_a_message_without_its_padding_is_the_last_of_its_part(void **state)
{
	struct {
		struct nlmsghdr noop;
		char more[4];
		struct message address;
	} first = { .noop = { .nlmsg_len = 20, .nlmsg_type = NLMSG_NOOP } };
	const struct {
		struct nlmsghdr noop;
		char more[1];
	} second = { .noop = { .nlmsg_len = 17, .nlmsg_type = NLMSG_NOOP } };
	const struct nlmsghdr done = { .nlmsg_len = sizeof(done), .nlmsg_type = NLMSG_DONE };
	struct addr_dump d = { 0 };
	int pair[2];

	(void)state;
	first.address.header.nlmsg_type = RTM_NEWADDR;
	first.address.header.nlmsg_len = offsetof(struct message, bytes) + 4;
	first.address.about = (struct ifaddrmsg){ .ifa_family = AF_INET,
						  .ifa_index = if_nametoindex("lo") };
	first.address.attr = (struct rtattr){ RTA_LENGTH(4), IFA_LOCAL };
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(write(pair[1], &first, sizeof(first)), sizeof(first));
	assert_int_equal(write(pair[1], &second, 17), 17);
	assert_int_equal(write(pair[1], &done, sizeof(done)), sizeof(done));
	assert_int_equal(addr_dump_receive(pair[0], &d), 0);
	assert_int_equal(d.count, 1);
	addr_dump_done(&d);
	close(pair[0]);
	close(pair[1]);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_address_has_its_length_and_its_interface),
		TEST(test_a_dump_that_was_interrupted_is_no_answer),
		TEST(test_what_the_kernel_refuses_is_an_error),
		TEST(test_a_message_without_its_padding_is_the_last_of_its_part),
	};

	inject_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
