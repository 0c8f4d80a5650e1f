/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/expect.h"
#include "vfmon/json_check.h"

#define M IFACE_MONITOR "."
#define CALL(method) "{\"method\":\"" method "\"}"
#define CALL_WITH(method, parameters) "{\"method\":\"" method "\",\"parameters\":" parameters "}"
#define CALL_MORE(method) "{\"method\":\"" method "\",\"more\":true}"
#define VF0 "0000:3b:02.0"
#define VF1 "0000:3b:02.1"

/* Numbers of served_vf() for them. */
#define NUMBER0 0x3b10
#define NUMBER1 0x3b11

/* Two VFs, one on a driver. */
static int set_up(void **state)
{
	static struct served s;

	served_init(&s, 1 << 20);
	served_vf(&s, NUMBER0, "igbvf");
	served_vf(&s, NUMBER1, "");
	*state = &s;
	return 0;
}

static int tear_down(void **state)
{
	served_done(*state);
	return 0;
}

static void test_a_list_is_one_reply_or_one_device_a_reply(void **state)
{
	struct caller *c = served_connect(*state);
	const char *message;

	caller_call(c, CALL(M "ListDevices"));
	message = caller_next(c);
	assert_non_null(strstr(message, VF0));
	assert_non_null(strstr(message, VF1));
	assert_non_null(strstr(message, "],\"epoch\":\"epoch-1\",\"sequence\":2}}"));
	expect_silence(c);
	caller_call(c, CALL_MORE(M "ListDevices"));
	expect_part(c, "],\"epoch\":\"epoch-1\",\"sequence\":2},\"continues\":true}");
	expect_part(c, "],\"epoch\":\"epoch-1\",\"sequence\":2}}");
	expect_silence(c);
}

static void test_an_empty_list_is_one_reply_without_continues(void **state)
{
	static const char empty[] = "{\"parameters\":{\"devices\":[],\"epoch\":\"epoch-1\","
				    "\"sequence\":2}}";
	struct caller *c = served_connect(*state);

	caller_call(c, CALL_WITH(M "ListDevices", "{\"filter\":{\"kinds\":[\"pf\"]}}"));
	expect(c, empty);
	caller_call(c, "{\"method\":\"" M "ListDevices\",\"more\":true,\"parameters\":"
		       "{\"filter\":{\"kinds\":[\"pf\"]}}}");
	expect(c, empty);
	caller_call(c, CALL(M "ListVanishedDevices"));
	expect(c, "{\"parameters\":{\"devices\":[]}}");
	expect_silence(c);
}

static void test_a_filter_narrows_a_list(void **state)
{
	struct caller *c = served_connect(*state);
	const char *message;

	caller_call(c, CALL_WITH(M "ListDevices", "{\"filter\":{\"drivers\":[\"igbvf\",\"x\"]}}"));
	message = caller_next(c);
	assert_non_null(strstr(message, VF0));
	assert_null(strstr(message, VF1));
}

static void test_a_list_in_parts_goes_on_when_functions_go(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);
	int replies = 0;

	for (unsigned int i = 0; i < 200; i++)
		served_vf(s, NUMBER1 + 1 + i, "");
	caller_feed(c, CALL_MORE(M "ListDevices"), sizeof(CALL_MORE(M "ListDevices")));
	assert_int_equal(caller_step(c), 1); /* the call */
	assert_int_equal(caller_step(c), 1); /* a part of the list */
	for (unsigned int i = 0; i < 200; i++)
		served_vf_gone(s, NUMBER1 + 1 + i);
	caller_run(c);
	for (const char *message = caller_next(c); message; message = caller_next(c)) {
		bool is_last = !strstr(message, "\"continues\":true");

		assert_non_null(strstr(message, "\"sequence\":202}"));
		replies++;
		if (is_last)
			expect_silence(c);
	}
	assert_in_range(replies, 3, 201);
	caller_call(c, CALL(M "Nope"));
	expect_part(c, "MethodNotFound");
}

static void test_a_plain_list_is_one_reply_though_the_host_moves(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);
	const char *message;

	for (unsigned int i = 0; i < 200; i++)
		served_vf(s, NUMBER1 + 1 + i, "");
	caller_feed(c, CALL(M "ListDevices"), sizeof(CALL(M "ListDevices")));
	assert_int_equal(caller_step(c), 1); /* the call */
	assert_int_equal(caller_step(c), 1); /* a piece of the list */
	for (unsigned int i = 0; i < 200; i++)
		served_vf_gone(s, NUMBER1 + 1 + i);
	caller_run(c);
	message = caller_next(c);
	assert_int_equal(json_check(message, strlen(message), 10000), 0);
	assert_non_null(strstr(message, "}],\"epoch\":\"epoch-1\",\"sequence\":202}}"));
	expect_silence(c);
}

static void test_a_plain_list_that_is_too_long_wants_more(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	for (unsigned int i = 0; i < 20000; i++)
		served_vf(s, i, "");
	caller_call(c, CALL(M "ListDevices"));
	expect(c, "{\"error\":\"org.varlink.service.ExpectedMore\",\"parameters\":{}}");
	caller_call(c, CALL_MORE(M "ListDevices"));
	for (unsigned int i = 0; i < 20000 - 1; i++)
		expect_part(c, "\"continues\":true}");
	expect_part(c, "]");
	expect_silence(c);
}

/* Sequence numbers in a reply of GetHistory, as text. */
static const char *numbers(struct caller *c)
{
	static char text[256];
	const char *at = caller_next(c);
	size_t n = 0;

	assert_non_null(at);
	text[0] = '\0';
	while ((at = strstr(at, "{\"sequence\":")))
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%d ", atoi(at += 12));
	return text;
}

static void test_history_is_what_was_asked_for_in_order(void **state)
{
	static const struct {
		const char *parameters;
		const char *numbers;
	} cases[] = {
		{ "{}", "1 2 3 4 5 6 " },
		{ "{\"limit\":2}", "5 6 " },
		{ "{\"limit\":0}", "" },
		{ "{\"limit\":9}", "1 2 3 4 5 6 " },
		{ "{\"after\":4}", "5 6 " },
		{ "{\"after\":0,\"limit\":2}", "1 2 " },
		{ "{\"after\":6}", "" },
		{ "{\"after\":9223372036854775807}", "" },
		{ "{\"address\":\"" VF0 "\"}", "1 3 5 " },
		{ "{\"address\":\"" VF0 "\",\"limit\":2}", "3 5 " },
		{ "{\"address\":\"" VF0 "\",\"after\":1,\"limit\":1}", "3 " },
		{ "{\"address\":\"0000:00:00.0\"}", "" },
	};
	struct served *s = *state;
	struct caller *c = served_connect(s);

	served_vf(s, NUMBER0, "");
	served_vf(s, NUMBER1, "igbvf");
	served_vf(s, NUMBER0, "igbvf");
	served_vf_gone(s, NUMBER1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char call[256];

		snprintf(call, sizeof(call), CALL_WITH(M "GetHistory", "%s"), cases[i].parameters);
		caller_call(c, call);
		assert_string_equal(numbers(c), cases[i].numbers);
	}
}

static void test_history_in_parts_is_one_change_a_reply(void **state)
{
	struct caller *c = served_connect(*state);

	caller_call(c, CALL_MORE(M "GetHistory"));
	expect_part(c, "\"merged\":1}],\"epoch\":\"epoch-1\",\"oldest_sequence\":1},\"continues\":"
		       "true}");
	expect_part(c, "\"merged\":1}],\"epoch\":\"epoch-1\",\"oldest_sequence\":1}}");
	expect_silence(c);
}

static void test_vanished_functions_are_listed_as_last_seen(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);

	served_vf_gone(s, NUMBER0);
	caller_call(c, CALL(M "ListVanishedDevices"));
	expect_part(c, "\"driver\":\"igbvf\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_list_is_one_reply_or_one_device_a_reply),
		TEST(test_an_empty_list_is_one_reply_without_continues),
		TEST(test_a_filter_narrows_a_list),
		TEST(test_a_list_in_parts_goes_on_when_functions_go),
		TEST(test_a_plain_list_is_one_reply_though_the_host_moves),
		TEST(test_a_plain_list_that_is_too_long_wants_more),
		TEST(test_history_is_what_was_asked_for_in_order),
		TEST(test_history_in_parts_is_one_change_a_reply),
		TEST(test_vanished_functions_are_listed_as_last_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
