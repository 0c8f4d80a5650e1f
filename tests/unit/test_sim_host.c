/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated host: its links and events come in the kernel's order, and its model is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/host.h"
#include "../../sim/model.h"

#define TRACE_SIZE 65536

/* What a step did, as lines: link, gone, event, keys (of the uevent file), write. */
struct trace {
	char text[TRACE_SIZE];
	size_t used;
	/* the last event as it is sent */
	char event[2600];
	size_t event_size;
	/* fails the nth move from now, if above 0 */
	int fail_at;
};

static void __attribute__((format(printf, 2, 3)))
trace_add(struct trace *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	t->used += (size_t)vsnprintf(t->text + t->used, sizeof(t->text) - t->used, format, args);
	va_end(args);
	assert_true(t->used < sizeof(t->text));
}

/* Without the directories that all functions of a test are in. */
static const char *short_path(const char *path)
{
	static const char *const prefixes[] = { "sys/devices/pci0000:3b/", "sys/" };

	for (size_t n = 0; n < sizeof(prefixes) / sizeof(prefixes[0]); n++)
		if (strncmp(path, prefixes[n], strlen(prefixes[n])) == 0)
			return path + strlen(prefixes[n]);
	return path;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *key_of(const char *text, size_t size, const char *key)
{
	for (const char *p = text; p < text + size; p += strlen(p) + 1)
		if (strncmp(p, key, strlen(key)) == 0)
			return p;
	return NULL;
}

static void trace_event(struct trace *t, const struct move *move)
{
	const char *driver = key_of(move->text, move->size, "DRIVER=");
	const char *at = strchr(move->text, '@');

	assert_int_equal(move->text[move->size - 1], '\0');
	memcpy(t->event, move->text, move->size);
	t->event_size = move->size;
	trace_add(t, "event %.*s %s%s%s\n", (int)(at - move->text), move->text,
		  strncmp(at, "@/devices/pci0000:3b/", 21) == 0 ? at + 21 : at + 2,
		  driver ? " " : "", driver ? driver : "");
}

static int trace_move(const struct move *move, void *arg)
{
	struct trace *t = arg;

	if (t->fail_at > 0 && --t->fail_at == 0)
		return -28;
	if (move->kind == MOVE_EVENT)
		trace_event(t, move);
	else if (move->kind == MOVE_LINK)
		trace_add(t, "link %s\n", short_path(move->path));
	else if (move->kind == MOVE_GONE)
		trace_add(t, "gone %s\n", short_path(move->path));
	else if (move->kind == MOVE_WRITE)
		trace_add(t, "write %s %s", short_path(move->path), move->text);
	else if (move->kind == MOVE_TEXT && strcmp(base_name(move->path), "uevent") == 0)
		trace_add(t, "keys %s\n", strncmp(move->text, "DRIVER=", 7) == 0 ? "DRIVER=" : "-");
	return 0;
}

struct fixture {
	struct trace trace;
	struct host *host;
	struct scenario_error error;
};

static int try_line(struct fixture *f, const char *text)
{
	struct scenario_line line = { .text = text, .len = strlen(text), .number = 1 };
	struct step step;

	f->error = (struct scenario_error){ .line = 0 };
	f->trace.used = 0;
	f->trace.text[0] = '\0';
	if (scenario_parse_line(&line, &step, &f->error) != 1)
		fail_msg("'%s': %s", text, f->error.text);
	return host_perform(f->host, &step, &f->error);
}

static void play(struct fixture *f, const char *text)
{
	if (try_line(f, text) != 0)
		fail_msg("'%s': %s", text, f->error.text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(host_new(trace_move, &f->trace, &f->host), 0);
	assert_int_equal(host_build(f->host), 0);
	play(f, "driver nic id 8086:1572 id 8086:154c");
	play(f, "driver vfio-pci vfio generic");
	play(f, "driver nic_vfio_pci vfio variant id 8086:154c unloaded");
	play(f, "driver gpu vfio vendor id 10de:2236 id 10de:25b6");
	play(f, "pf 0000:3b:00.0 8086:1572 total 8 vf-id 154c");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	f->host = host_free(f->host);
	free(f);
	return 0;
}

static struct function *function(struct fixture *f, const char *address)
{
	struct pci_addr addr;

	assert_int_equal(pci_addr_parse(address, &addr), 0);
	return host_find(f->host, &addr);
}

static void assert_state(struct fixture *f, const char *address, const char *expected)
{
	assert_non_null(function(f, address));
	assert_string_equal(model_state(function(f, address)), expected);
}

static void test_enabling_sends_add_before_physfn_and_change_after(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	assert_string_equal(f->trace.text, "keys -\n"
					   "link 0000:3b:00.1/subsystem\n"
					   "link bus/pci/devices/0000:3b:00.1\n"
					   "link 0000:3b:00.1/iommu_group\n"
					   "link kernel/iommu_groups/1/devices/0000:3b:00.1\n"
					   "event add 0000:3b:00.1\n"
					   "link 0000:3b:00.0/virtfn0\n"
					   "link 0000:3b:00.1/physfn\n"
					   "event change 0000:3b:00.1\n"
					   "keys DRIVER=\n"
					   "link bus/pci/drivers/nic/0000:3b:00.1\n"
					   "link 0000:3b:00.1/driver\n"
					   "event bind 0000:3b:00.1 DRIVER=nic\n"
					   "event change 0000:3b:00.0 DRIVER=nic\n"
					   "write 0000:3b:00.0/sriov_numvfs 1\n");
}

static void test_disabling_takes_physfn_first_and_says_nothing_of_the_pf(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "vfs 0000:3b:00.0 0");
	assert_ptr_equal(strstr(f->trace.text, "gone 0000:3b:00.0/virtfn0\n"
					       "gone 0000:3b:00.1/physfn\n"
					       "gone bus/pci/drivers/nic/0000:3b:00.1\n"
					       "gone 0000:3b:00.1/driver\n"
					       "keys -\n"
					       "event unbind 0000:3b:00.1\n"
					       "gone bus/pci/devices/0000:3b:00.1\n"),
			 f->trace.text);
	assert_non_null(strstr(f->trace.text, "gone 0000:3b:00.1/iommu_group\n"
					      "gone kernel/iommu_groups/1\n"
					      "event remove 0000:3b:00.1\n"
					      "gone 0000:3b:00.1\n"
					      "write 0000:3b:00.0/sriov_numvfs 0\n"));
	assert_null(strstr(f->trace.text, "change"));
	assert_int_equal(function(f, "0000:3b:00.0")->num_vfs, 0);
	assert_null(function(f, "0000:3b:00.1"));
}

static void test_a_vfio_bind_makes_group_node_and_device_before_bind(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "override 0000:3b:00.1 vfio-pci");
	assert_string_equal(f->trace.text, "write 0000:3b:00.1/driver_override vfio-pci\n");
	play(f, "bind 0000:3b:00.1 vfio-pci");
	assert_string_equal(f->trace.text, "keys DRIVER=\n"
					   "link bus/pci/drivers/vfio-pci/0000:3b:00.1\n"
					   "link 0000:3b:00.1/driver\n"
					   "link devices/virtual/vfio/1/subsystem\n"
					   "link class/vfio/1\n"
					   "event add devices/virtual/vfio/1\n"
					   "link 0000:3b:00.1/vfio-dev/vfio0/subsystem\n"
					   "link class/vfio-dev/vfio0\n"
					   "event add 0000:3b:00.1/vfio-dev/vfio0\n"
					   "event bind 0000:3b:00.1 DRIVER=vfio-pci\n");
	assert_state(f, "0000:3b:00.1", "vfio_generic");
}

/* A VF that the generic VFIO driver has. */
static void play_vfio_vf(struct fixture *f)
{
	play(f, "vfs 0000:3b:00.0 2");
	play(f, "unbind 0000:3b:00.1");
	play(f, "override 0000:3b:00.1 vfio-pci");
	play(f, "bind 0000:3b:00.1 vfio-pci");
}

static void test_a_stuck_unbind_has_neither_link_nor_device_nor_event(void **state)
{
	struct fixture *f = *state;

	play_vfio_vf(f);
	play(f, "stuck 0000:3b:00.1");
	assert_string_equal(f->trace.text, "gone bus/pci/drivers/vfio-pci/0000:3b:00.1\n"
					   "gone 0000:3b:00.1/driver\n"
					   "gone dev/vfio/devices/vfio0\n"
					   "gone class/vfio-dev/vfio0\n"
					   "gone 0000:3b:00.1/vfio-dev\n"
					   "event remove 0000:3b:00.1/vfio-dev/vfio0\n");
	assert_state(f, "0000:3b:00.1", "stuck");
	assert_string_equal(function(f, "0000:3b:00.1")->driver->name, "vfio-pci");
	play(f, "release 0000:3b:00.1");
	assert_string_equal(f->trace.text, "gone class/vfio/1\n"
					   "gone devices/virtual/vfio/1\n"
					   "gone dev/vfio/1\n"
					   "event remove devices/virtual/vfio/1\n"
					   "keys -\n"
					   "event unbind 0000:3b:00.1\n");
	assert_state(f, "0000:3b:00.1", "unbound");
}

static void test_an_open_function_gets_stuck_by_itself_until_it_is_closed(void **state)
{
	struct fixture *f = *state;

	play_vfio_vf(f);
	play(f, "open 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "vfio_generic");
	play(f, "unbind 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "stuck");
	play(f, "close 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "unbound");
}

static void test_a_failed_probe_flickers_and_sends_nothing(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "fail-probe 0000:3b:00.1 nic");
	assert_string_equal(f->trace.text, "keys DRIVER=\n"
					   "link bus/pci/drivers/nic/0000:3b:00.1\n"
					   "link 0000:3b:00.1/driver\n"
					   "gone bus/pci/drivers/nic/0000:3b:00.1\n"
					   "gone 0000:3b:00.1/driver\n"
					   "keys -\n");
	assert_state(f, "0000:3b:00.1", "unbound");
}

static void test_a_slow_probe_ends_in_bind_or_in_nothing(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "slow-probe 0000:3b:00.1 nic");
	assert_null(strstr(f->trace.text, "event"));
	assert_state(f, "0000:3b:00.1", "probing");
	play(f, "fail 0000:3b:00.1");
	assert_null(strstr(f->trace.text, "event"));
	assert_state(f, "0000:3b:00.1", "unbound");
	play(f, "slow-probe 0000:3b:00.1 nic");
	play(f, "release 0000:3b:00.1");
	assert_string_equal(f->trace.text, "event bind 0000:3b:00.1 DRIVER=nic\n");
	assert_state(f, "0000:3b:00.1", "host");
}

static void test_without_autoprobe_the_link_flickers_unless_overridden(void **state)
{
	struct fixture *f = *state;

	play(f, "autoprobe 0000:3b:00.0 off");
	assert_string_equal(f->trace.text, "write 0000:3b:00.0/sriov_drivers_autoprobe 0\n");
	play(f, "vfs 0000:3b:00.0 1");
	assert_non_null(strstr(f->trace.text, "event change 0000:3b:00.1\n"
					      "keys DRIVER=\n"
					      "link bus/pci/drivers/nic/0000:3b:00.1\n"
					      "link 0000:3b:00.1/driver\n"
					      "gone bus/pci/drivers/nic/0000:3b:00.1\n"
					      "gone 0000:3b:00.1/driver\n"
					      "keys -\n"
					      "event change 0000:3b:00.0 DRIVER=nic\n"));
	assert_null(strstr(f->trace.text, "event bind"));
	play(f, "override 0000:3b:00.1 nic");
	play(f, "probe 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "host");
}

static void test_unbinding_a_pf_takes_its_vfs_before_its_own_event(void **state)
{
	struct fixture *f = *state;
	const char *link, *vf, *unbind;

	play(f, "vfs 0000:3b:00.0 2");
	play(f, "unbind 0000:3b:00.0");
	link = strstr(f->trace.text, "gone 0000:3b:00.0/driver\n");
	vf = strstr(f->trace.text, "event remove 0000:3b:00.2\n");
	unbind = strstr(f->trace.text, "event unbind 0000:3b:00.0\n");
	assert_true(link && vf && unbind && link < vf && vf < unbind);
	assert_null(function(f, "0000:3b:00.1"));
	assert_state(f, "0000:3b:00.0", "unbound");
}

static void test_a_driver_can_leave_the_vfs_on(void **state)
{
	struct fixture *f = *state;

	play(f, "driver lazy id 1234:0001 keeps-vfs");
	play(f, "pf 0000:3b:01.0 1234:0001 total 2 vf-id 0002");
	play(f, "vfs 0000:3b:01.0 2");
	play(f, "unbind 0000:3b:01.0");
	assert_int_equal(function(f, "0000:3b:01.0")->num_vfs, 2);
	assert_non_null(function(f, "0000:3b:01.2"));
	assert_int_equal(try_line(f, "vfs 0000:3b:01.0 0"), -22);
	assert_non_null(strstr(f->error.text, "ENOENT"));
}

static void test_loading_binds_before_the_driver_event_and_unloading_undoes_it(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unload nic");
	assert_null(function(f, "0000:3b:00.1"));
	assert_state(f, "0000:3b:00.0", "unbound");
	assert_non_null(strstr(f->trace.text, "event unbind 0000:3b:00.0\n"
					      "gone module/nic/drivers/pci:nic\n"
					      "gone bus/pci/drivers/nic/module\n"
					      "event remove bus/pci/drivers/nic\n"
					      "gone bus/pci/drivers/nic\n"
					      "event remove module/nic\n"
					      "gone module/nic\n"));
	play(f, "load nic");
	assert_string_equal(f->trace.text, "event add module/nic\n"
					   "keys DRIVER=\n"
					   "link bus/pci/drivers/nic/0000:3b:00.0\n"
					   "link 0000:3b:00.0/driver\n"
					   "event bind 0000:3b:00.0 DRIVER=nic\n"
					   "link bus/pci/drivers/nic/module\n"
					   "link module/nic/drivers/pci:nic\n"
					   "event add bus/pci/drivers/nic\n");
}

static void test_loading_a_variant_binds_nothing_by_itself(void **state)
{
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	play(f, "unbind 0000:3b:00.1");
	play(f, "load nic_vfio_pci");
	assert_state(f, "0000:3b:00.1", "unbound");
	play(f, "override 0000:3b:00.1 nic_vfio_pci");
	play(f, "probe 0000:3b:00.1");
	assert_state(f, "0000:3b:00.1", "vfio_variant");
}

static void test_only_the_vfs_of_a_vendor_driver_are_vfio_devices(void **state)
{
	struct fixture *f = *state;

	play(f, "pf 0000:3b:01.0 10de:2236 total 4 vf-id 25b6 offset 4");
	play(f, "vfs 0000:3b:01.0 1");
	assert_state(f, "0000:3b:01.0", "host");
	assert_state(f, "0000:3b:01.4", "vfio_vendor");
}

static void test_a_pf_on_vfio_names_itself_in_its_vfs_overrides(void **state)
{
	struct fixture *f = *state;

	play(f, "unbind 0000:3b:00.0");
	play(f, "override 0000:3b:00.0 vfio-pci");
	play(f, "bind 0000:3b:00.0 vfio-pci");
	play(f, "vfs 0000:3b:00.0 1");
	assert_string_equal(function(f, "0000:3b:00.1")->override, "vfio-pci");
	assert_state(f, "0000:3b:00.1", "vfio_generic");
}

static void test_vfs_reach_the_next_bus_which_comes_and_goes_with_them(void **state)
{
	struct fixture *f = *state;

	play(f, "driver wide id 1234:0001");
	play(f, "pf 0000:3b:1f.0 1234:0001 total 16 vf-id 0002 offset 6 stride 1");
	play(f, "vfs 0000:3b:1f.0 4");
	assert_non_null(function(f, "0000:3b:1f.6"));
	assert_non_null(function(f, "0000:3c:00.1"));
	assert_non_null(strstr(f->trace.text, "event add pci_bus/0000:3c\nkeys -\n"
					      "link 0000:3c:00.0/subsystem\n"));
	play(f, "vfs 0000:3b:1f.0 0");
	assert_non_null(strstr(f->trace.text, "event remove 0000:3c:00.1\n"
					      "gone 0000:3c:00.1\n"
					      "gone pci_bus/0000:3c\n"
					      "event remove pci_bus/0000:3c\n"));
}

static void test_rescan_adds_all_before_it_probes_the_first(void **state)
{
	struct fixture *f = *state;
	const char *second_add, *first_bind;

	play(f, "pf 0000:3b:01.0 8086:1572 total 8 vf-id 154c");
	play(f, "remove 0000:3b:00.0");
	assert_null(function(f, "0000:3b:00.0"));
	play(f, "remove 0000:3b:01.0");
	play(f, "rescan");
	second_add = strstr(f->trace.text, "event add 0000:3b:01.0\n");
	first_bind = strstr(f->trace.text, "event bind 0000:3b:00.0");
	assert_true(second_add && first_bind && second_add < first_bind);
	assert_state(f, "0000:3b:00.0", "host");
}

static void test_another_card_can_come_to_the_place_of_a_removed_one(void **state)
{
	struct fixture *f = *state;

	play(f, "remove 0000:3b:00.0");
	play(f, "device 0000:3b:00.0 10de:1234 class 030000");
	assert_int_equal(function(f, "0000:3b:00.0")->kind, FUNCTION_PLAIN);
	play(f, "rescan");
	assert_int_equal(function(f, "0000:3b:00.0")->keys.id.product, 0x1234);
}

static void test_vfs_can_share_the_group_of_their_pf_and_its_node(void **state)
{
	struct fixture *f = *state;

	play(f, "pf 0000:3b:01.0 8086:1572 total 2 vf-id 154c group 41 vf-group same");
	play(f, "vfs 0000:3b:01.0 2");
	assert_int_equal(function(f, "0000:3b:01.2")->group, 41);
	play(f, "unbind 0000:3b:01.1");
	play(f, "override 0000:3b:01.1 vfio-pci");
	play(f, "probe 0000:3b:01.1");
	assert_non_null(strstr(f->trace.text, "event add devices/virtual/vfio/41\n"));
	play(f, "unbind 0000:3b:01.2");
	play(f, "override 0000:3b:01.2 vfio-pci");
	play(f, "probe 0000:3b:01.2");
	assert_null(strstr(f->trace.text, "devices/virtual/vfio"));
	play(f, "unbind 0000:3b:01.1");
	assert_null(strstr(f->trace.text, "devices/virtual/vfio"));
	play(f, "unbind 0000:3b:01.2");
	assert_non_null(strstr(f->trace.text, "event remove devices/virtual/vfio/41\n"));
}

static void test_a_netdev_has_an_event_for_each_queue(void **state)
{
	struct fixture *f = *state;

	play(f, "driver eth id 1234:0001 net");
	play(f, "pf 0000:3b:01.0 1234:0001 total 2");
	assert_non_null(strstr(f->trace.text, "event add 0000:3b:01.0/net/eth0\n"
					      "event add 0000:3b:01.0/net/eth0/queues/rx-0\n"
					      "event add 0000:3b:01.0/net/eth0/queues/tx-0\n"
					      "event bind 0000:3b:01.0 DRIVER=eth\n"));
}

static void test_what_the_kernel_refuses_changes_nothing(void **state)
{
	static const struct {
		const char *line;
		unsigned column;
		const char *text;
	} refused[] = {
		{ "vfs 0000:3b:00.0 2", 18, "EBUSY" },
		{ "vfs 0000:3b:00.0 9", 18, "ERANGE" },
		{ "vfs 0000:3b:00.1 1", 5, "not a pf" },
		{ "vfs 0000:3b:07.0 1", 5, "no function at this address" },
		{ "bind 0000:3b:00.2 nic", 6, "has driver nic" },
		{ "bind 0000:3b:00.3 vfio-pci", 19, "override 0000:3b:00.3 vfio-pci first" },
		{ "bind 0000:3b:00.3 nic_vfio_pci", 19, "load nic_vfio_pci first" },
		{ "bind 0000:3b:00.3 nvidia", 19, "no driver nvidia" },
		{ "unbind 0000:3b:00.3", 8, "not bound" },
		{ "release 0000:3b:00.2", 9, "neither an unbind nor a probe" },
		{ "open 0000:3b:00.2", 6, "not bound to a VFIO driver" },
		{ "close 0000:3b:00.1", 7, "is not open" },
		{ "fail 0000:3b:00.1", 6, "no probe is under way" },
		{ "remove 0000:3b:00.1", 8, "a VF has no remove file" },
		{ "write 0000:3b:00.1 driver_override x", 20, "step for this file is override" },
		{ "load nic", 6, "is loaded" },
		{ "load other", 6, "no module other" },
		{ "driver nic", 8, "a driver nic already" },
		{ "pf 0000:3b:00.1 1234:0001 total 2", 4, "a function at this address" },
		{ "device 0000:3b:03.0 1234:0001 below 0000:3a:00.0", 8, "no bridge" },
		{ "unload vfio_pci", 8, "0000:3b:00.1 is held" },
		{ "vfs 0000:3b:00.0 0", 5, "0000:3b:00.1 is held" },
		{ "unbind 0000:3b:00.0", 8, "0000:3b:00.1 is held" },
	};
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 3");
	play(f, "unbind 0000:3b:00.3");
	for (size_t n = 0; n < sizeof(refused) / sizeof(refused[0]); n++) {
		if (strncmp(refused[n].line, "unload", 6) == 0) {
			play(f, "unbind 0000:3b:00.1");
			play(f, "override 0000:3b:00.1 vfio-pci");
			play(f, "bind 0000:3b:00.1 vfio-pci");
			play(f, "open 0000:3b:00.1");
		}
		assert_int_equal(try_line(f, refused[n].line), -22);
		assert_string_equal(f->trace.text, "");
		if (f->error.column != refused[n].column || !strstr(f->error.text, refused[n].text))
			fail_msg("'%s': got %u: %s", refused[n].line, f->error.column,
				 f->error.text);
	}
}

static void test_a_failed_move_ends_the_step_with_its_error(void **state)
{
	struct fixture *f = *state;

	f->trace.fail_at = 5;
	assert_int_equal(try_line(f, "vfs 0000:3b:00.0 1"), -28);
	assert_string_equal(f->error.text, "");
}

static uint64_t inode_of(const char *path, void *arg)
{
	(void)arg;
	return strcmp(path, "devices/pci0000:3b/0000:3b:00.1") == 0 ? 77 : 5;
}

static void test_the_model_is_json_in_the_names_of_device(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	play_vfio_vf(f);
	assert_int_equal(model_write(f->host, file, inode_of, NULL), 0);
	(void)fclose(file);
	assert_non_null(strstr(
		text,
		"{\"address\": \"0000:3b:00.1\", \"kind\": \"vf\", \"vendor_id\": \"8086\", "
		"\"product_id\": \"154c\", \"subsystem_vendor_id\": \"8086\", "
		"\"subsystem_product_id\": \"1572\", \"class\": \"020000\", "
		"\"physical_function\": \"0000:3b:00.0\", \"vf_index\": 0, \"total_vfs\": null, "
		"\"num_vfs\": null, \"drivers_autoprobe\": null, \"numa_node\": null, "
		"\"iommu_group\": 1, \"state\": \"vfio_generic\", \"driver\": \"vfio-pci\", "
		"\"module\": \"vfio_pci\", \"driver_override\": \"vfio-pci\", "
		"\"vfio_device\": \"vfio0\", \"vfio_nodes\": [\"/dev/vfio/1\", "
		"\"/dev/vfio/devices/vfio0\"], \"in_use\": false, \"interface\": null, "
		"\"generation\": 77}"));
	assert_non_null(strstr(text, "\"total_vfs\": 8, \"num_vfs\": 2, "
				     "\"drivers_autoprobe\": true"));
	free(text);
}

#define PCI_KEYS(driver)                                                                           \
	"SUBSYSTEM=pci|" driver                                                                    \
	"PCI_CLASS=20000|PCI_ID=8086:154C|PCI_SUBSYS_ID=8086:1572|PCI_SLOT_NAME=0000:3b:00.1|"
#define PCI_MODALIAS "MODALIAS=pci:v00008086d0000154Csv00008086sd00001572bc02sc00i00|"

static void test_events_have_the_kernels_keys(void **state)
{
	static const struct {
		const char *step;
		const char *expected;
	} cases[] = {
		{ "unbind 0000:3b:00.1", "unbind@/devices/pci0000:3b/0000:3b:00.1|ACTION=unbind|"
					 "DEVPATH=/devices/pci0000:3b/0000:3b:00.1|" PCI_KEYS("") },
		{ "probe 0000:3b:00.1", "bind@/devices/pci0000:3b/0000:3b:00.1|ACTION=bind|"
					"DEVPATH=/devices/pci0000:3b/0000:3b:00.1|" PCI_KEYS(
						"DRIVER=nic|") PCI_MODALIAS },
		{ "event remove 0000:3b:00.1",
		  "remove@/devices/pci0000:3b/0000:3b:00.1|ACTION=remove|"
		  "DEVPATH=/devices/pci0000:3b/0000:3b:00.1|SUBSYSTEM=pci|SYNTH_UUID=0|DRIVER=nic|"
		  "PCI_CLASS=20000|PCI_ID=8086:154C|PCI_SUBSYS_ID=8086:1572|"
		  "PCI_SLOT_NAME=0000:3b:00.1|" PCI_MODALIAS },
	};
	struct fixture *f = *state;

	play(f, "vfs 0000:3b:00.0 1");
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		play(f, cases[n].step);
		for (size_t at = 0; at < f->trace.event_size; at++)
			if (f->trace.event[at] == '\0')
				f->trace.event[at] = '|';
		f->trace.event[f->trace.event_size] = '\0';
		assert_string_equal(f->trace.event, cases[n].expected);
	}
}

static void test_numbers_given_back_are_given_out_again(void **state)
{
	struct fixture *f = *state;

	play_vfio_vf(f);
	play(f, "unbind 0000:3b:00.2");
	play(f, "override 0000:3b:00.2 vfio-pci");
	play(f, "probe 0000:3b:00.2");
	assert_int_equal(function(f, "0000:3b:00.2")->vfio, 1);
	play(f, "unbind 0000:3b:00.1");
	play(f, "probe 0000:3b:00.1");
	assert_int_equal(function(f, "0000:3b:00.1")->vfio, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_enabling_sends_add_before_physfn_and_change_after),
		TEST(test_disabling_takes_physfn_first_and_says_nothing_of_the_pf),
		TEST(test_a_vfio_bind_makes_group_node_and_device_before_bind),
		TEST(test_a_stuck_unbind_has_neither_link_nor_device_nor_event),
		TEST(test_an_open_function_gets_stuck_by_itself_until_it_is_closed),
		TEST(test_a_failed_probe_flickers_and_sends_nothing),
		TEST(test_a_slow_probe_ends_in_bind_or_in_nothing),
		TEST(test_without_autoprobe_the_link_flickers_unless_overridden),
		TEST(test_unbinding_a_pf_takes_its_vfs_before_its_own_event),
		TEST(test_a_driver_can_leave_the_vfs_on),
		TEST(test_loading_binds_before_the_driver_event_and_unloading_undoes_it),
		TEST(test_loading_a_variant_binds_nothing_by_itself),
		TEST(test_only_the_vfs_of_a_vendor_driver_are_vfio_devices),
		TEST(test_a_pf_on_vfio_names_itself_in_its_vfs_overrides),
		TEST(test_vfs_reach_the_next_bus_which_comes_and_goes_with_them),
		TEST(test_rescan_adds_all_before_it_probes_the_first),
		TEST(test_another_card_can_come_to_the_place_of_a_removed_one),
		TEST(test_vfs_can_share_the_group_of_their_pf_and_its_node),
		TEST(test_a_netdev_has_an_event_for_each_queue),
		TEST(test_what_the_kernel_refuses_changes_nothing),
		TEST(test_a_failed_move_ends_the_step_with_its_error),
		TEST(test_the_model_is_json_in_the_names_of_device),
		TEST(test_events_have_the_kernels_keys),
		TEST(test_numbers_given_back_are_given_out_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
