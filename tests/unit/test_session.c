/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/alloc.h"
#include "../lib/expect.h"

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

/* It is over, and the log would say why. */
static void expect_over(struct caller *c, int error)
{
	expect_silence(c);
	assert_int_equal(c->over, error);
	assert_non_null(session_why(c->session));
	assert_false(session_wants_input(c->session));
}

static void test_calls_of_one_write_are_answered_in_order(void **state)
{
	static const char calls[] = CALL(M "GetStatus") "\0" CALL(M "Nope") "\0" CALL(
		"org.varlink.service.GetInfo") "\0" CALL_WITH(M "GetDevice", "{\"address\":\"x\"}");
	struct caller *c = served_connect(*state);

	assert_true(session_wants_input(c->session));
	assert_int_equal(session_calls(c->session), 0);
	caller_feed(c, calls, sizeof(calls));
	assert_int_equal(session_calls(c->session), 0);
	assert_false(session_wants_input(c->session));
	caller_run(c);
	expect_part(c, "{\"parameters\":{\"status\":{");
	expect(c, "{\"error\":\"org.varlink.service.MethodNotFound\","
		  "\"parameters\":{\"method\":\"io.vfmon.Monitor.Nope\"}}");
	expect(c,
	       "{\"parameters\":{\"vendor\":\"vfmon\",\"product\":\"vfmond\",\"version\":\"" VFMON_VERSION
	       "\",\"url\":\"https://vfmon.io/\",\"interfaces\":"
	       "[\"org.varlink.service\",\"io.vfmon.Monitor\"]}}");
	expect(c, "{\"error\":\"io.vfmon.Monitor.InvalidAddress\","
		  "\"parameters\":{\"address\":\"x\"}}");
	expect_silence(c);
	assert_null(session_why(c->session));
	assert_true(session_wants_input(c->session));
	assert_int_equal(session_calls(c->session), 4);
}

static void test_a_request_has_begun_until_it_is_whole(void **state)
{
	static const char call[] = CALL(M "GetStatus");
	struct caller *c = served_connect(*state);

	assert_false(session_has_begun(c->session));
	caller_feed(c, call, 1);
	assert_true(session_has_begun(c->session));
	caller_feed(c, call + 1, sizeof(call) - 1);
	assert_false(session_has_begun(c->session));
	caller_run(c);
	assert_non_null(caller_next(c));
	caller_feed(c, call, sizeof(call) - 1);
	assert_true(session_has_begun(c->session));
	assert_int_equal(session_calls(c->session), 1);
}

static void test_errors_are_those_of_the_interface(void **state)
{
	static const char *const pairs[][2] = {
		{ CALL("a.b.C"), "{\"error\":\"org.varlink.service.InterfaceNotFound\","
				 "\"parameters\":{\"interface\":\"a.b\"}}" },
		{ CALL_WITH("org.varlink.service.GetInterfaceDescription", "{\"interface\":\"x\"}"),
		  "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		  "\"parameters\":{\"interface\":\"x\"}}" },
		{ CALL(M "ExplainReadiness"),
		  "{\"error\":\"org.varlink.service.MethodNotImplemented\","
		  "\"parameters\":{\"method\":\"" M "ExplainReadiness\"}}" },
		{ CALL_WITH(M "GetHistory", "{\"limit\":-1}"),
		  "{\"error\":\"org.varlink.service.InvalidParameter\","
		  "\"parameters\":{\"parameter\":\"limit\"}}" },
		{ CALL(M "WatchDevices"),
		  "{\"error\":\"org.varlink.service.ExpectedMore\",\"parameters\":{}}" },
		{ CALL_WITH(M "GetDevice", "{\"address\":\"0000:3b:1f.7\"}"),
		  "{\"error\":\"io.vfmon.Monitor.NoSuchDevice\","
		  "\"parameters\":{\"address\":\"0000:3b:1f.7\"}}" },
		{ CALL_WITH(M "GetHistory", "{\"address\":\"3b:00.0\"}"),
		  "{\"error\":\"io.vfmon.Monitor.InvalidAddress\","
		  "\"parameters\":{\"address\":\"3b:00.0\"}}" },
	};
	struct caller *c = served_connect(*state);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		caller_call(c, pairs[i][0]);
		expect(c, pairs[i][1]);
	}
	expect_silence(c);
	assert_int_equal(c->over, 0);
}

static void test_a_oneway_call_gets_nothing_at_all(void **state)
{
	struct caller *c = served_connect(*state);

	caller_call(c, "{\"method\":\"" M "GetStatus\",\"oneway\":true}");
	caller_call(c, "{\"method\":\"x.Y\",\"oneway\":true}");
	caller_call(c, "{\"method\":\"" M "WatchDevices\",\"oneway\":true}");
	expect_silence(c);
	assert_int_equal(c->over, 0);
	caller_call(c, CALL(M "Nope"));
	expect_part(c, "MethodNotFound");
}

static void test_calls_before_a_bad_one_are_answered_first(void **state)
{
	static const char calls[] = CALL(M "Nope") "\0[]\0" CALL(M "Nope");
	struct served *s = *state;
	struct caller *c = served_connect(s);

	caller_feed(c, calls, sizeof(calls));
	caller_run(c);
	expect_part(c, "MethodNotFound");
	expect_over(c, -EBADMSG);
	assert_int_equal(s->service.malformed, 1);
}

static void test_calls_before_an_endless_one_are_answered_first(void **state)
{
	struct served *s = *state;
	struct caller *c = served_connect(s);
	char *call = malloc(MAX_REQUEST_BYTES + 1);

	assert_non_null(call);
	memset(call, ' ', MAX_REQUEST_BYTES + 1);
	caller_feed(c, CALL(M "Nope"), sizeof(CALL(M "Nope")));
	assert_int_equal(session_feed(c->session, call, MAX_REQUEST_BYTES), 0);
	assert_int_equal(session_feed(c->session, call, 1), -EMSGSIZE);
	free(call);
	caller_run(c);
	expect_part(c, "MethodNotFound");
	expect_over(c, -EMSGSIZE);
	assert_int_equal(s->service.malformed, 1);
}

static void test_one_too_many_is_told_so_and_over(void **state)
{
	static const char calls[] = CALL(M "GetStatus") "\0" CALL(M "GetStatus");
	struct served *s = *state;
	struct caller *c = served_connect(s);

	session_refuse(c->session, 7);
	caller_feed(c, calls, sizeof(calls));
	caller_run(c);
	expect(c, "{\"error\":\"io.vfmon.Monitor.TooManyClients\",\"parameters\":{\"limit\":7}}");
	expect_over(c, -EUSERS);
	assert_int_equal(s->service.malformed, 0);
}

static void test_the_description_is_served_as_the_file_is(void **state)
{
	struct caller *c = served_connect(*state);

	caller_call(c, CALL_WITH("org.varlink.service.GetInterfaceDescription",
				 "{\"interface\":\"io.vfmon.Monitor\"}"));
	expect_part(c, "method ListDevices(filter: ?Filter) -> (devices: []Device, epoch: string, "
		       "sequence: int)\\n");
	caller_call(c, CALL_WITH("org.varlink.service.GetInterfaceDescription",
				 "{\"interface\":\"org.varlink.service\"}"));
	expect_part(c, "\\ninterface org.varlink.service\\n");
}

static void test_status_is_written_with_all_its_lists(void **state)
{
	struct caller *c = served_connect(*state);

	caller_call(c, CALL(M "GetStatus"));
	expect_part(c, "\"overflows\":0,\"lost\":0,\"blind\":\"no permission\"}],"
		       "\"resyncs\":[{\"name\":\"overflow\",\"count\":0},{\"name\":\"memory\","
		       "\"count\":0},{\"name\":\"reader\",\"count\":0},{\"name\":\"reload\","
		       "\"count\":0},{\"name\":\"suspend\",\"count\":0}],"
		       "\"audit_findings\":0,\"reads\":0,\"read_errors\":0,"
		       "\"not_answering\":[\"0000:3b:02.1\"],");
	caller_call(c, CALL(M "GetStatus"));
	expect_part(c,
		    "\"sources\":[{\"name\":\"uevent\",\"events\":0,\"ignored\":0,\"rejected\":0,"
		    "\"overflows\":0,\"lost\":0},{\"name\":\"netlink\",");
	caller_call(c, CALL(M "GetStatus"));
	expect_part(c, "\"config_files\":[{\"path\":\"/etc/x.conf\",\"loaded_usec\":7,"
		       "\"error\":\"line 3: no\"}],\"settings\":[{\"name\":\"stuck_after\","
		       "\"value\":\"10s\",\"origin\":\"default\"}],\"latency_p50_usec\":40,"
		       "\"last_audit_usec\":9,\"state_file_error\":\"no room\","
		       "\"network_namespace\":4026531840}}}");
}

/* Serves one call on a session of its own, of whose allocations one fails; SIZE_MAX: none. */
static int serve(struct served *s, const char *call, size_t failing, struct json_text *ret_replies)
{
	struct caller *c = served_connect(s);
	int r;

	alloc_fail_after(failing);
	(void)session_feed(c->session, call, strlen(call) + 1);
	while ((r = session_step(c->session)) > 0)
		continue;
	(void)alloc_fail_never();
	assert_true((r < 0) == (session_why(c->session) != NULL));
	*ret_replies = *session_output(c->session);
	json_text_init(session_output(c->session));
	served_disconnect(s, c);
	return r;
}

/* A call with the one allocation lost: answered in full or not at all. Returns whether it was. */
static bool is_answered(struct served *s, const char *call, size_t failing)
{
	struct json_text replies, expected;
	int r = serve(s, call, failing, &replies);

	assert_int_equal(serve(s, call, SIZE_MAX, &expected), 0);
	if (r == 0) {
		assert_int_equal(replies.len, expected.len);
		assert_memory_equal(replies.data, expected.data, expected.len);
	} else {
		assert_int_equal(r, -ENOMEM);
		assert_true(replies.len < expected.len);
	}
	json_text_done(&replies);
	json_text_done(&expected);
	return r == 0;
}

static void test_a_lost_allocation_ends_one_session_only(void **state)
{
	static const char *const calls[] = {
		CALL(M "ListDevices"),
		CALL_MORE(M "ListDevices"),
		CALL(M "GetHistory"),
		CALL(M "GetStatus"),
		CALL("x.Y"),
		CALL("org.varlink.service.GetInfo"),
		"{\"method\":\"" M "WatchDevices\",\"more\":true,\"parameters\":{\"filter\":{"
		"\"drivers\":[\"igbvf\"]}}}",
	};
	struct served *s = *state;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		size_t lost = 0;

		for (size_t n = 0; n < 30; n++) {
			/* Another image, so that its text is not there yet. */
			served_vf(s, NUMBER0, n % 2 ? "igbvf" : "nvme");
			lost += is_answered(s, calls[i], n) ? 0 : 1;
		}
		assert_in_range(lost, 2, 20);
	}
	assert_int_equal(s->service.malformed, 0);
}

static void test_a_session_that_can_not_be_made_is_told(void **state)
{
	struct served *s = *state;
	struct session *session = NULL;

	alloc_fail_after(0);
	assert_int_equal(session_new(&s->service, &session), -ENOMEM);
	assert_true(alloc_fail_never());
	assert_null(session);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_calls_of_one_write_are_answered_in_order),
		TEST(test_a_request_has_begun_until_it_is_whole),
		TEST(test_errors_are_those_of_the_interface),
		TEST(test_a_oneway_call_gets_nothing_at_all),
		TEST(test_calls_before_a_bad_one_are_answered_first),
		TEST(test_calls_before_an_endless_one_are_answered_first),
		TEST(test_one_too_many_is_told_so_and_over),
		TEST(test_the_description_is_served_as_the_file_is),
		TEST(test_status_is_written_with_all_its_lists),
		TEST(test_a_lost_allocation_ends_one_session_only),
		TEST(test_a_session_that_can_not_be_made_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
