/* SPDX-License-Identifier: Apache-2.0 */
/* How often a change is put into words: the linker passes every call of the writer through here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "../lib/peer.h"
#include "../lib/stage.h"
#include "vfmon/names.h"

#define WATCHES 20
#define FILTERED 5

static size_t encoded;

int __real_session_change_reply(struct json_text *out, const struct change *change,
				enum session_delivery delivery);
int __wrap_session_change_reply(struct json_text *out, const struct change *change,
				enum session_delivery delivery);

int __wrap_session_change_reply(struct json_text *out, const struct change *change,
				enum session_delivery delivery)
{
	encoded++;
	return __real_session_change_reply(out, change, delivery);
}

static struct stage stage;
static struct peer watches[WATCHES], filtered[FILTERED];

static void start_watch(struct peer *p, const char *parameters)
{
	peer_init(p, &stage);
	peer_call_more(p, METHOD_WATCH_DEVICES, parameters);
	(void)peer_expect(p, "\"snapshot_complete\":true");
}

static int set_up(void **state)
{
	struct stage_options options;
	char filter[128];

	(void)state;
	stage_options_init(&options);
	stage_init(&stage, &options);
	(void)snprintf(filter, sizeof(filter), "{\"filter\":{\"addresses\":[\"%s\"]}}",
		       stage_address(5));
	for (size_t i = 0; i < WATCHES; i++)
		start_watch(&watches[i], NULL);
	for (size_t i = 0; i < FILTERED; i++)
		start_watch(&filtered[i], filter);
	encoded = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < WATCHES; i++)
		peer_done(&watches[i]);
	for (size_t i = 0; i < FILTERED; i++)
		peer_done(&filtered[i]);
	stage_done(&stage);
	return 0;
}

static void test_a_change_is_encoded_once_for_all_who_want_it(void **state)
{
	(void)state;
	stage_change(&stage, 2, 1);
	for (size_t i = 0; i < WATCHES; i++)
		(void)peer_expect(&watches[i], "\"v1\"");
	assert_int_equal(encoded, 1);
	stage_change(&stage, 5, 2);
	for (size_t i = 0; i < WATCHES; i++)
		(void)peer_expect(&watches[i], "\"v2\"");
	for (size_t i = 0; i < FILTERED; i++)
		(void)peer_expect(&filtered[i], "\"v2\"");
	assert_int_equal(encoded, 2);
}

/* It matches for those without a filter, and not any more for those with one. */
static void test_a_change_that_leaves_a_filter_is_encoded_twice(void **state)
{
	(void)state;
	stage_remove(&stage, 5);
	for (size_t i = 0; i < WATCHES; i++)
		(void)peer_expect(&watches[i], "\"matches\":true");
	for (size_t i = 0; i < FILTERED; i++)
		(void)peer_expect(&filtered[i], "\"matches\":false");
	assert_int_equal(encoded, 2);
}

static void test_what_nobody_wants_is_not_encoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < WATCHES; i++)
		peer_hang_up(&watches[i]);
	STAGE_UNTIL(&stage, server_client_count(stage.server) == FILTERED);
	stage_change(&stage, 2, 1);
	assert_int_equal(encoded, 0);
	stage_change(&stage, 5, 2);
	for (size_t i = 0; i < FILTERED; i++)
		(void)peer_expect(&filtered[i], "\"v2\"");
	assert_int_equal(encoded, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_change_is_encoded_once_for_all_who_want_it),
		TEST(test_a_change_that_leaves_a_filter_is_encoded_twice),
		TEST(test_what_nobody_wants_is_not_encoded),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
