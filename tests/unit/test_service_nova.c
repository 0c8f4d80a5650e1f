/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../lib/host.h"
#include "vfmon/finding.h"
#include "vfmon/names.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/session.h"

#define M IFACE_MONITOR "."
#define CALL(method, parameters) "{\"method\":\"" M method "\",\"parameters\":" parameters "}"

static const char conf[] =
	"[pci]\n"
	"device_spec = {\"vendor_id\": \"10de\", \"managed\": \"no\", \"resource_class\": \"gold\"}\n"
	"alias = {\"name\": \"a\\\"b\", \"vendor_id\": \"10de\", \"product_id\": \"25b6\"}\n"
	"[filter_scheduler]\npci_in_placement = true\n";

/* A VF that an entry takes and one that none takes, adopted. */
struct fixture {
	struct host host;
	struct nova_config *config;
	struct history *history;
	struct service service;
};

static const struct policy *get_policy(void *arg)
{
	const struct fixture *f = arg;

	return &f->host.policy;
}

static struct vf *function(const char *text, uint16_t vendor_id)
{
	struct pci_addr addr;
	struct vf *vf;

	assert_int_equal(pci_addr_parse(text, &addr), 0);
	assert_int_equal(vf_new(&addr, &vf), 0);
	vf->kind = VF_KIND_VF;
	vf->has_ids = vf->has_physical_function = true;
	vf->vendor_id = vendor_id;
	vf->product_id = 0x25b6;
	vf->physical_function = (struct pci_addr){ 0, 0x25, 0, 0 };
	return vf;
}

static int setup(void **state)
{
	const struct nova_file file = { .path = "nova.conf", .bytes = conf, .len = strlen(conf) };
	struct fixture *f = calloc(1, sizeof(*f));
	struct vf *vfs[] = { function("0000:25:00.4", 0x10de), function("0000:25:00.5", 0x8086) };

	assert_non_null(f);
	assert_int_equal(nova_config_parse(NOVA_NEWEST, &file, 1, &f->config), 0);
	assert_false(f->config->broken);
	host_init(&f->host, NULL);
	f->host.policy.config = f->config;
	assert_int_equal(registry_adopt(f->host.registry, vfs, 2, &f->host.now), 0);
	vf_unref(vfs[0]);
	vf_unref(vfs[1]);
	assert_int_equal(history_new(4096, &f->history), 0);
	f->service = (struct service){
		.registry = f->host.registry,
		.history = f->history,
		.epoch = "e",
		.get_policy = get_policy,
		.arg = f,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	history_free(f->history);
	host_done(&f->host);
	nova_config_free(f->config);
	free(f);
	return 0;
}

/* Whether the reply to a call has all these pieces; a NULL ends them. */
static void check_reply(struct fixture *f, const char *call, const char *const *pieces)
{
	struct session *s;
	const char *reply;

	assert_int_equal(session_new(&f->service, &s), 0);
	assert_int_equal(session_feed(s, call, strlen(call) + 1), 0);
	assert_int_equal(session_step(s), 1);
	reply = session_output(s)->data;
	assert_int_equal(strlen(reply) + 1, session_output(s)->len);
	for (; *pieces; pieces++)
		if (!strstr(reply, *pieces))
			fail_msg("%s: no %s in %s", call, *pieces, reply);
	session_free(s);
}

#define CHECK_REPLY(state, call, ...)                                                              \
	check_reply(*(state), call, (const char *const[]){ __VA_ARGS__, NULL })

static void test_the_element_of_a_guest_is_described(void **state)
{
	CHECK_REPLY(state, CALL("DescribeHostdev", "{\"address\":\"0000:25:00.4\"}"),
		    "\"xml\":\"<hostdev", "managed=", "no", "bus=");
}

static void test_a_function_that_no_guest_can_have_has_no_element(void **state)
{
	CHECK_REPLY(state, CALL("DescribeHostdev", "{\"address\":\"0000:25:00.5\"}"),
		    M "NotTracked", "0000:25:00.5");
	CHECK_REPLY(state, CALL("DescribeHostdev", "{\"address\":\"0000:99:00.5\"}"),
		    M "NoSuchDevice");
	CHECK_REPLY(state, CALL("DescribeHostdev", "{\"address\":\"x\"}"), M "InvalidAddress");
}

static void test_providers_have_the_hosts_name_or_the_one_that_is_given(void **state)
{
	CHECK_REPLY(
		state, CALL("ListResourceProviders", "{}"),
		"{\"providers\":[{\"name\":\"compute-1_0000:25:00.0\",\"address\":"
		"\"0000:25:00.0\",\"resource_class\":\"CUSTOM_GOLD\",\"total\":1,\"traits\":"
		"[\"COMPUTE_MANAGED_PCI_DEVICE\",\"OWNER_NOVA\"],\"devices\":[\"0000:25:00.4\"]}]}");
	CHECK_REPLY(state, CALL("ListResourceProviders", "{\"host_name\":\"other\"}"),
		    "\"other_0000:25:00.0\"");
}

static void test_an_alias_gets_what_its_ids_say_and_with_placement_what_its_class_says(void **state)
{
	CHECK_REPLY(state, CALL("ResolveAlias", "{\"name\":\"a\\\"b\"}"),
		    "{\"devices\":[{\"address\":\"0000:25:00.4\"", "\"devices_with_placement\":[]",
		    "\"flavor_property\":\"pci_passthrough:alias=a\\\"b:1\"");
	CHECK_REPLY(state, CALL("ResolveAlias", "{\"name\":\"c\"}"), M "NoSuchAlias",
		    "{\"name\":\"c\"}");
}

static void test_a_finding_has_its_place_its_functions_and_what_to_do(void **state)
{
	struct fixture *f = *state;
	const struct finding_place place = { "n\"f", 3, 15, 2 }, nowhere = { NULL, 0, 0, -1 };
	struct findings kept = f->config->findings;

	f->config->findings = (struct findings){ 0 };
	assert_int_equal(findings_add(&f->config->findings,
				      &(const struct finding_kind){ FINDING_WRONG,
								    FINDING_UNKNOWN_KEY, "do" },
				      &place, "a \"message\""),
			 0);
	assert_int_equal(
		findings_concern(&f->config->findings, &(struct pci_addr){ 0, 0x25, 0, 4 }), 0);
	assert_int_equal(findings_add(&f->config->findings,
				      &(const struct finding_kind){ FINDING_SUSPICIOUS,
								    FINDING_SOURCE_BLIND, NULL },
				      &nowhere, "b"),
			 0);
	CHECK_REPLY(state, CALL("CheckConfiguration", "{}"),
		    "{\"findings\":[{\"level\":\"wrong\",\"code\":\"unknown_key\",\"message\":"
		    "\"a \\\"message\\\"\",\"file\":\"n\\\"f\",\"line\":3,\"column\":15,"
		    "\"spec_index\":2,\"devices\":[\"0000:25:00.4\"],\"remedy\":\"do\"}",
		    "{\"level\":\"suspicious\",\"code\":\"source_blind\",\"message\":\"b\","
		    "\"devices\":[]}");
	findings_done(&f->config->findings);
	f->config->findings = kept;
}

static void test_a_check_finds_what_is_wrong_on_this_host(void **state)
{
	struct fixture *f = *state;
	static const char text[] =
		"[pci]\ndevice_spec = {\"vendor_id\": \"1234\", \"manged\": \"no\"}\n";
	const struct nova_file file = { .path = "nova.conf", .bytes = text, .len = strlen(text) };
	struct nova_config *config;

	assert_int_equal(nova_config_parse(NOVA_NEWEST, &file, 1, &config), 0);
	f->host.policy.config = config;
	assert_int_equal(registry_configure(f->host.registry, &f->host.options, &f->host.now), 0);
	CHECK_REPLY(state, CALL("CheckConfiguration", "{}"), "\"unknown_key\"",
		    "did you mean managed?", "\"spec_matches_nothing\"", "\"spec_index\":0");
	f->host.policy.config = f->config;
	assert_int_equal(registry_configure(f->host.registry, &f->host.options, &f->host.now), 0);
	nova_config_free(config);
}

static void test_a_reply_of_too_many_findings_says_how_many_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct findings *findings = &f->config->findings;
	const struct finding_place nowhere = { .spec_index = -1 };
	struct session *s;

	for (int i = 0; i < 100000; i++)
		assert_int_equal(
			findings_add(findings,
				     &(const struct finding_kind){ FINDING_SUSPICIOUS,
								   FINDING_UNKNOWN_KEY, NULL },
				     &nowhere, "%0100d", i),
			0);
	assert_int_equal(session_new(&f->service, &s), 0);
	assert_int_equal(session_feed(s, CALL("CheckConfiguration", "{}"),
				      sizeof(CALL("CheckConfiguration", "{}"))),
			 0);
	assert_int_equal(session_step(s), 1);
	assert_true(session_output(s)->len < MAX_PLAIN_REPLY_BYTES);
	assert_non_null(strstr(session_output(s)->data, "more findings, which are not listed"));
	session_free(s);
	findings_done(findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_element_of_a_guest_is_described),
		cmocka_unit_test(test_a_function_that_no_guest_can_have_has_no_element),
		cmocka_unit_test(test_providers_have_the_hosts_name_or_the_one_that_is_given),
		cmocka_unit_test(
			test_an_alias_gets_what_its_ids_say_and_with_placement_what_its_class_says),
		cmocka_unit_test(test_a_finding_has_its_place_its_functions_and_what_to_do),
		cmocka_unit_test(test_a_check_finds_what_is_wrong_on_this_host),
		cmocka_unit_test(test_a_reply_of_too_many_findings_says_how_many_are_left_out),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
