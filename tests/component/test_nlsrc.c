/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/nlsrc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <netlink/socket.h>

#include "../../monitor/nlsock.h"
#include "../lib/inject.h"

#define VF "/devices/pci0000:00/0000:00:01.0/0000:01:10.2"

/* Where a real kernel sends; what is handled here is what came through it. */
struct fixture {
	struct nlsrc *source;
	int injector;
	struct uevent_subject last;
	unsigned int subjects, losses;
	unsigned int subjects_at_loss;
};

static void on_subject(const struct uevent_subject *subject, void *arg)
{
	struct fixture *f = arg;

	f->last = *subject;
	f->subjects++;
}

static void on_loss(void *arg)
{
	struct fixture *f = arg;

	f->losses++;
	f->subjects_at_loss = f->subjects;
}

static struct nlsrc_options make_options(struct fixture *f)
{
	return (struct nlsrc_options){
		.ops = { on_subject, on_loss, f },
		.inherited_fd = -1,
		.accept_injected = true,
	};
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->injector = inject_open();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	nlsrc_free(f->source);
	close(f->injector);
	free(f);
	return 0;
}

static void open_uevents(struct fixture *f)
{
	struct nlsrc_options options = make_options(f);

	assert_int_equal(nlsrc_new_uevent(&options, &f->source), 0);
}

static struct source_status status_of(struct fixture *f)
{
	struct source_status status;

	nlsrc_status(f->source, &status);
	return status;
}

/* Broadcasts are delivered before the send returns, so nothing has to be waited for. */
static void test_a_broadcast_of_the_kernel_names_the_function(void **state)
{
	struct fixture *f = *state;
	char text[PCI_ADDR_TEXT_MAX];

	open_uevents(f);
	inject_uevent(f->injector, "bind", VF, "SUBSYSTEM=pci|DRIVER=igbvf|");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 1);
	assert_int_equal(f->last.target, UEVENT_TARGET_FUNCTION);
	assert_string_equal(pci_addr_format(&f->last.addr, text), "0000:01:10.2");
	assert_int_equal(f->last.hint.evidence, EVIDENCE_BOUND);
	assert_true(f->last.hint.cause.received_usec > 0);
	assert_true(f->last.hint.cause.seqnum > 0);
	assert_true(nlsrc_last_seqnum(f->source) == f->last.hint.cause.seqnum);
	assert_int_equal(status_of(f).events, 1);
	assert_int_equal(status_of(f).ignored, 0);
	assert_int_equal(status_of(f).rejected, 0);
	assert_null(status_of(f).blind);
}

static void test_noise_is_counted_and_left_out(void **state)
{
	struct fixture *f = *state;

	open_uevents(f);
	inject_uevent(f->injector, "add", VF "/net/eth0/queues/rx-0", "SUBSYSTEM=queues|");
	inject_uevent(f->injector, "grow", VF, "SUBSYSTEM=pci|");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 0);
	assert_int_equal(status_of(f).events, 2);
	assert_int_equal(status_of(f).ignored, 2);
}

static void test_a_process_is_not_the_kernel(void **state)
{
	struct nlsrc_options strict;
	struct fixture *f = *state;

	strict = make_options(f);
	strict.accept_injected = false;
	assert_int_equal(nlsrc_new_uevent(&strict, &f->source), 0);
	inject_uevent(f->injector, "bind", VF, "SUBSYSTEM=pci|");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 0);
	assert_int_equal(status_of(f).rejected, 1);
	assert_int_equal(status_of(f).events, 0);
	assert_int_equal(nlsrc_last_seqnum(f->source), 0);
}

static void test_what_did_not_come_through_the_kernel_is_rejected(void **state)
{
	static const char forged[] = "bind@" VF "\0ACTION=bind\0DEVPATH=" VF
				     "\0SUBSYSTEM=pci\0SEQNUM=1";
	struct fixture *f = *state;
	char *long_one = calloc(1, 40000);

	open_uevents(f);
	inject_forged(f->injector, nlsrc_fd(f->source), forged, sizeof(forged));
	inject_forged(f->injector, nlsrc_fd(f->source), long_one, 40000);
	inject_text(f->injector, "bind@" VF "|ACTION=unbind|DEVPATH=" VF "|SUBSYSTEM=pci|");
	inject_text(f->injector, "nonsense");
	inject_text(f->injector, "");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 0);
	assert_int_equal(status_of(f).events, 0);
	assert_int_equal(status_of(f).rejected, 5);
	free(long_one);
}

static void test_a_message_that_does_not_fit_is_consumed_and_told(void **state)
{
	struct fixture *f = *state;
	struct nlsock_sender sender;
	struct nl_sock *sk;
	char small[64], large[1024];

	assert_int_equal(nlsock_open(NETLINK_KOBJECT_UEVENT, 1, &sk), 0);
	inject_uevent(f->injector, "change", VF, "SUBSYSTEM=pci|");
	inject_uevent(f->injector, "change", VF, "SUBSYSTEM=pci|");
	assert_int_equal(nlsock_receive(sk, small, sizeof(small), &sender), -EMSGSIZE);
	assert_true(nlsock_receive(sk, large, sizeof(large), &sender) > 0);
	assert_true(sender.has_credentials);
	assert_int_equal(sender.pid, getpid());
	assert_int_equal(sender.port, 0);
	assert_int_equal(nlsock_receive(sk, large, sizeof(large), &sender), -EAGAIN);
	nl_socket_free(sk);
}

static void test_a_storm_is_read_in_parts(void **state)
{
	struct fixture *f = *state;
	int calls = 1;

	open_uevents(f);
	for (int i = 0; i < 1000; i++)
		inject_uevent(f->injector, "change", VF, "SUBSYSTEM=pci|");
	while (nlsrc_read_some(f->source) == 1)
		calls++;
	assert_true(calls > 1);
	assert_int_equal(f->subjects, 1000);
	assert_int_equal(f->losses, 0);
	assert_int_equal(status_of(f).lost, 0);
}

/* A bound socket with room for a few messages, as systemd would pass it. */
static int make_small_socket(void)
{
	const struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT), bytes = 4096;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&group, sizeof(group)), 0);
	return fd;
}

static void test_an_overflow_is_told_once_when_the_queue_is_empty(void **state)
{
	struct fixture *f = *state;
	struct nlsrc_options options = make_options(f);

	options.inherited_fd = make_small_socket();
	assert_int_equal(nlsrc_new_uevent(&options, &f->source), 0);
	for (int i = 0; i < 100; i++)
		inject_uevent(f->injector, "change", VF, "SUBSYSTEM=pci|");
	while (nlsrc_read_some(f->source) == 1)
		;
	assert_int_equal(f->losses, 1);
	assert_true(f->subjects > 0 && f->subjects < 100);
	assert_int_equal(f->subjects_at_loss, f->subjects);
	assert_int_equal(status_of(f).overflows, 1);
	assert_int_equal(status_of(f).lost, 100 - f->subjects);
	/* And it hears again. */
	inject_uevent(f->injector, "change", VF, "SUBSYSTEM=pci|");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->losses, 1);
	assert_int_equal(f->subjects, f->subjects_at_loss + 1);
}

static void test_an_inherited_socket_has_what_it_held_before(void **state)
{
	struct fixture *f = *state;
	struct nlsrc_options options = make_options(f);

	options.inherited_fd = make_small_socket();
	inject_uevent(f->injector, "add", VF, "SUBSYSTEM=pci|");
	assert_int_equal(nlsrc_new_uevent(&options, &f->source), 0);
	assert_int_equal(nlsrc_fd(f->source), options.inherited_fd);
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->subjects, 1);
}

static void test_what_is_no_netlink_socket_stays_the_callers(void **state)
{
	struct fixture *f = *state;
	struct nlsrc_options options = make_options(f);
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	options.inherited_fd = pair[0];
	assert_true(nlsrc_new_uevent(&options, &f->source) < 0);
	assert_null(f->source);
	assert_int_equal(close(pair[0]), 0);
	assert_int_equal(close(pair[1]), 0);
	assert_int_equal(nlsrc_new_link(&options, &f->source), -EINVAL);
}

/* A new network namespace has an lo that is down; it belongs to no PCI function. */
static void test_links_come_from_rtnetlink(void **state)
{
	struct fixture *f = *state;
	struct nlsrc_options options = make_options(f);
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(nlsrc_new_link(&options, &f->source), 0);
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(status_of(f).events, 0);
	request.ifr_flags = IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_true(status_of(f).events > 0);
	assert_true(status_of(f).ignored == status_of(f).events);
	assert_int_equal(status_of(f).rejected, 0);
	assert_int_equal(f->subjects, 0);
	close(fd);
}

static void set_address(int fd, const char *text)
{
	struct ifreq request = { .ifr_name = "lo" };
	struct sockaddr_in *address = (struct sockaddr_in *)(void *)&request.ifr_addr;

	address->sin_family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, text, &address->sin_addr), 1);
	assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
}

static void test_addresses_come_from_rtnetlink(void **state)
{
	struct fixture *f = *state;
	struct nlsrc_options options = make_options(f);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(nlsrc_new_link(&options, &f->source), 0);
	set_address(fd, "169.254.1.1");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_true(status_of(f).events > 0);
	assert_int_equal(f->subjects, 0);
	set_address(fd, "192.0.2.1");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_true(f->subjects > 0);
	assert_int_equal(f->last.target, UEVENT_TARGET_ADDRESSES);
	close(fd);
}

static void test_an_overflow_of_rtnetlink_is_told_as_well(void **state)
{
	struct fixture *f = *state;
	struct nlsrc_options options = make_options(f);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), bytes = 4096;
	unsigned int heard;

	assert_int_equal(nlsrc_new_link(&options, &f->source), 0);
	assert_int_equal(
		setsockopt(nlsrc_fd(f->source), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
	for (int i = 0; i < 50; i++) {
		set_address(fd, "192.0.2.1");
		set_address(fd, "192.0.2.2");
	}
	while (nlsrc_read_some(f->source) == 1)
		;
	heard = f->subjects;
	assert_int_equal(f->losses, 1);
	assert_true(heard > 0 && heard < 100);
	assert_int_equal(f->subjects_at_loss, heard);
	assert_int_equal(status_of(f).overflows, 1);
	assert_true(status_of(f).lost > 0);
	set_address(fd, "192.0.2.3");
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->losses, 1);
	assert_true(f->subjects > heard);
	close(fd);
}

static void test_nothing_waits_at_first(void **state)
{
	struct fixture *f = *state;

	open_uevents(f);
	assert_int_equal(nlsrc_read_some(f->source), 0);
	assert_int_equal(f->losses, 0);
	assert_null(nlsrc_free(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_waits_at_first),
		TEST(test_a_broadcast_of_the_kernel_names_the_function),
		TEST(test_noise_is_counted_and_left_out),
		TEST(test_a_process_is_not_the_kernel),
		TEST(test_what_did_not_come_through_the_kernel_is_rejected),
		TEST(test_a_message_that_does_not_fit_is_consumed_and_told),
		TEST(test_a_storm_is_read_in_parts),
		TEST(test_an_overflow_is_told_once_when_the_queue_is_empty),
		TEST(test_an_inherited_socket_has_what_it_held_before),
		TEST(test_what_is_no_netlink_socket_stays_the_callers),
		TEST(test_links_come_from_rtnetlink),
		TEST(test_addresses_come_from_rtnetlink),
		TEST(test_an_overflow_of_rtnetlink_is_told_as_well),
	};

	inject_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
