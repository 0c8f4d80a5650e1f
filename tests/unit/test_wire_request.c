/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../lib/alloc.h"
#include "vfmon/names.h"
#include "vfmon/wire.h"

#define ARRAY_COUNT(array) (sizeof(array) / sizeof(*(array)))
#define M IFACE_MONITOR "."

/* Parses a call; on success the caller gives it back. */
static int parse(const char *message, struct wire_request *ret)
{
	const char *why = NULL;
	int r = wire_request_parse(message, strlen(message), ret, &why);

	if (r < 0 && r != -ENOMEM)
		assert_non_null(why);
	return r;
}

static void test_what_is_no_call_closes_the_connection(void **state)
{
	static const char *const messages[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"method\":1}",
		"{\"method\":null}",
		"{\"method\":[\"a.B\"]}",
		"{\"method\":\"a.B\"}x",
		"{\"method\":\"a.B\",\"method\":\"a.B\"}",
		"{\"method\":\"a.B\",\"parameters\":[]}",
		"{\"method\":\"a.B\",\"parameters\":\"\"}",
		"{\"method\":\"a.B\",\"parameters\":{\"a\":1,\"a\":1}}",
		"{\"method\":\"a.B\",\"oneway\":null}",
		"{\"method\":\"a.B\",\"more\":1}",
		"{\"method\":\"a.B\",\"more\":\"true\"}",
		"{\"method\":\"a.B\",\"more\":true,\"oneway\":true}",
		"{\"method\":\"a.B\",\"upgrade\":true}",
		"{\"method\":\"a.B\",\"more\":true,\"upgrade\":true}",
		"{\"method\":\"a.B\",\"unknown\":true}",
		"{\"method\":\"a.B\",\"error\":\"a.C\"}",
		"{\"method\":\"a.\xff\"}",
		"{\"method\":\"a.\\u0000\"}",
	};
	struct wire_request request;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(messages); i++)
		if (parse(messages[i], &request) >= 0)
			fail_msg("%s was taken for a call", messages[i]);
}

static void test_flags_and_members_of_vendors_are_read(void **state)
{
	struct wire_request request;

	(void)state;
	assert_int_equal(parse("{\"method\":\"a.B\"}", &request), 0);
	assert_false(request.more || request.oneway);
	wire_request_done(&request);
	assert_int_equal(parse(" {\"com.example.x\":{\"y\":1},\"more\":true,\"oneway\":false,"
			       "\"upgrade\":false,\"parameters\":null,\"method\":\"a.B\"}\n",
			       &request),
			 0);
	assert_true(request.more);
	assert_string_equal(request.name, "a.B");
	wire_request_done(&request);
	assert_int_equal(parse("{\"method\":\"a.B\",\"oneway\":true}", &request), 0);
	assert_true(request.oneway && !request.more);
	wire_request_done(&request);
}

/* What a call comes to; detail is the parameter that is wrong. */
struct verdict {
	const char *method;
	const char *parameters;
	enum wire_verdict verdict;
	const char *detail;
};

static void check_verdict(const struct verdict *v)
{
	struct wire_request request;
	char message[1024];

	snprintf(message, sizeof(message), "{\"method\":\"%s\",\"parameters\":%s}", v->method,
		 v->parameters);
	assert_int_equal(parse(message, &request), 0);
	if (request.verdict != v->verdict)
		fail_msg("%s: %d instead of %d", message, request.verdict, v->verdict);
	if (v->detail)
		assert_string_equal(request.invalid, v->detail);
	wire_request_done(&request);
}

static void test_methods_are_found_or_not(void **state)
{
	static const struct verdict verdicts[] = {
		{ "org.varlink.service.GetInfo", "{}", WIRE_SERVE, NULL },
		{ M "GetStatus", "null", WIRE_SERVE, NULL },
		{ M "ListVanishedDevices", "{}", WIRE_SERVE, NULL },
		{ M "CheckConfiguration", "{}", WIRE_SERVE, NULL },
		{ M "ExplainReadiness", "{\"address\":1}", WIRE_NOT_IMPLEMENTED, NULL },
		{ M "DescribeHostdev", "{}", WIRE_INVALID_PARAMETER, "address" },
		{ M "ListResourceProviders", "{}", WIRE_SERVE, NULL },
		{ M "ResolveAlias", "{}", WIRE_INVALID_PARAMETER, "name" },
		{ M "ExplainReadiness", "{}", WIRE_NOT_IMPLEMENTED, NULL },
		{ M "Nope", "{}", WIRE_NO_METHOD, NULL },
		{ M "listdevices", "{}", WIRE_NO_METHOD, NULL },
		{ M, "{}", WIRE_NO_METHOD, NULL },
		{ "org.varlink.service.ListDevices", "{}", WIRE_NO_METHOD, NULL },
		{ "ListDevices", "{}", WIRE_NO_METHOD, NULL },
		{ "", "{}", WIRE_NO_METHOD, NULL },
		{ "io.vfmon.ListDevices", "{}", WIRE_NO_INTERFACE, NULL },
		{ "io.vfmon.Monitor2.ListDevices", "{}", WIRE_NO_INTERFACE, NULL },
		{ ".ListDevices", "{}", WIRE_NO_INTERFACE, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(verdicts); i++)
		check_verdict(&verdicts[i]);
}

static void test_wrong_parameters_are_named(void **state)
{
	static const struct verdict verdicts[] = {
		{ M "GetStatus", "{\"zz\":1}", WIRE_INVALID_PARAMETER, "zz" },
		{ M "GetDevice", "{}", WIRE_INVALID_PARAMETER, "address" },
		{ M "GetDevice", "null", WIRE_INVALID_PARAMETER, "address" },
		{ M "GetDevice", "{\"address\":null}", WIRE_INVALID_PARAMETER, "address" },
		{ M "GetDevice", "{\"address\":1}", WIRE_INVALID_PARAMETER, "address" },
		{ M "GetDevice", "{\"address\":\"x\",\"y\":1}", WIRE_INVALID_PARAMETER, "y" },
		{ M "GetHistory", "{\"address\":[]}", WIRE_INVALID_PARAMETER, "address" },
		{ M "GetHistory", "{\"limit\":-1}", WIRE_INVALID_PARAMETER, "limit" },
		{ M "GetHistory", "{\"limit\":3.0}", WIRE_INVALID_PARAMETER, "limit" },
		{ M "GetHistory", "{\"limit\":1e3}", WIRE_INVALID_PARAMETER, "limit" },
		{ M "GetHistory", "{\"limit\":\"3\"}", WIRE_INVALID_PARAMETER, "limit" },
		{ M "GetHistory", "{\"limit\":true}", WIRE_INVALID_PARAMETER, "limit" },
		{ M "GetHistory", "{\"after\":9223372036854775808}", WIRE_INVALID_PARAMETER,
		  "after" },
		{ M "GetHistory", "{\"after\":18446744073709551616}", WIRE_INVALID_PARAMETER,
		  "after" },
		{ M "GetHistory", "{\"after\":-9223372036854775809}", WIRE_INVALID_PARAMETER,
		  "after" },
		{ M "WatchDevices", "{\"epoch\":1}", WIRE_INVALID_PARAMETER, "epoch" },
		{ M "WatchDevices", "{\"sequence\":{}}", WIRE_INVALID_PARAMETER, "sequence" },
		{ M "ListDevices", "{\"filter\":[]}", WIRE_INVALID_PARAMETER, "filter" },
		{ M "ListDevices", "{\"filter\":{\"zz\":[]}}", WIRE_INVALID_PARAMETER, "zz" },
		{ M "ListDevices", "{\"filter\":{\"kinds\":[]}}", WIRE_INVALID_PARAMETER, "kinds" },
		{ M "ListDevices", "{\"filter\":{\"kinds\":\"vf\"}}", WIRE_INVALID_PARAMETER,
		  "kinds" },
		{ M "ListDevices", "{\"filter\":{\"kinds\":[\"VF\"]}}", WIRE_INVALID_PARAMETER,
		  "kinds" },
		{ M "ListDevices", "{\"filter\":{\"kinds\":[null]}}", WIRE_INVALID_PARAMETER,
		  "kinds" },
		{ M "ListDevices", "{\"filter\":{\"states\":[\"host\",\"gone\"]}}",
		  WIRE_INVALID_PARAMETER, "states" },
		{ M "ListDevices", "{\"filter\":{\"readiness\":[1]}}", WIRE_INVALID_PARAMETER,
		  "readiness" },
		{ M "ListDevices", "{\"filter\":{\"addresses\":[\"3b:00.0\"]}}",
		  WIRE_INVALID_PARAMETER, "addresses" },
		{ M "ListDevices", "{\"filter\":{\"physical_functions\":[\"x\"]}}",
		  WIRE_INVALID_PARAMETER, "physical_functions" },
		{ M "ListDevices", "{\"filter\":{\"managed\":\"yes\"}}", WIRE_INVALID_PARAMETER,
		  "managed" },
		{ "org.varlink.service.GetInterfaceDescription", "{}", WIRE_INVALID_PARAMETER,
		  "interface" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(verdicts); i++)
		check_verdict(&verdicts[i]);
}

static void test_null_is_the_same_as_absent_where_that_is_allowed(void **state)
{
	struct wire_request request;

	(void)state;
	assert_int_equal(parse("{\"method\":\"" M "WatchDevices\",\"parameters\":{\"filter\":null,"
			       "\"epoch\":null,\"sequence\":null}}",
			       &request),
			 0);
	assert_int_equal(request.verdict, WIRE_SERVE);
	assert_null(request.filter);
	assert_null(request.epoch);
	assert_false(request.sequence.given);
	wire_request_done(&request);
	assert_int_equal(
		parse("{\"method\":\"" M "ListDevices\",\"parameters\":{\"filter\":{"
		      "\"addresses\":null,\"kinds\":null,\"states\":null,\"readiness\":null,"
		      "\"resource_classes\":null,\"physical_functions\":null,"
		      "\"drivers\":null,\"managed\":null}}}",
		      &request),
		0);
	assert_int_equal(request.verdict, WIRE_SERVE);
	assert_non_null(request.filter);
	wire_request_done(&request);
}

static void test_parameters_are_read(void **state)
{
	struct wire_request request;

	(void)state;
	assert_int_equal(parse("{\"method\":\"" M "GetHistory\",\"parameters\":{\"address\":"
			       "\"0000:3b:00.0\",\"after\":9223372036854775807,\"limit\":-0}}",
			       &request),
			 0);
	assert_int_equal(request.verdict, WIRE_SERVE);
	assert_int_equal(request.method, WIRE_METHOD_GET_HISTORY);
	assert_string_equal(request.address, "0000:3b:00.0");
	assert_true(request.after.given);
	assert_int_equal(request.after.value, INT64_MAX);
	assert_true(request.limit.given);
	assert_int_equal(request.limit.value, 0);
	wire_request_done(&request);
}

/* Text that a parser turns into much memory is refused before one sees it. */
static void test_a_call_of_many_containers_is_refused(void **state)
{
	char message[4096] = "{\"method\":\"a.B\",\"parameters\":{\"a\":[";
	struct wire_request request;
	size_t n = strlen(message);

	(void)state;
	while (n < sizeof(message) - 16)
		n += (size_t)snprintf(message + n, sizeof(message) - n, "{},");
	snprintf(message + n, sizeof(message) - n, "{}]}}");
	assert_int_equal(parse(message, &request), -E2BIG);
}

static void test_each_lost_allocation_of_a_call_is_told(void **state)
{
	static const char message[] =
		"{\"method\":\"" M "WatchDevices\",\"parameters\":{\"filter\":{"
		"\"addresses\":[\"0000:3b:00.0\",\"0000:3b:00.1\"],\"drivers\":[\"a\",\"b\"]}}}";
	struct wire_request request;
	size_t failures = 0;
	int r = -ENOMEM;

	(void)state;
	for (size_t i = 0; r < 0; i++) {
		alloc_fail_after(i);
		r = parse(message, &request);
		if (alloc_fail_never()) {
			assert_int_equal(r, -ENOMEM);
			failures++;
		}
	}
	assert_int_equal(failures, 7); /* the filter, two lists of one and then two, two texts */
	wire_request_done(&request);
}

/* Each method of the description can be called, and the other way round. */
static void test_the_description_and_the_table_name_the_same_methods(void **state)
{
	const char *at = wire_interface_description(IFACE_MONITOR);
	size_t count = 0;

	(void)state;
	while ((at = strstr(at, "\nmethod "))) {
		enum wire_method method;
		char name[128];

		at += 8;
		snprintf(name, sizeof(name), M "%.*s", (int)strcspn(at, "("), at);
		assert_int_equal(wire_method_find(name, &method), WIRE_SERVE);
		count++;
	}
	assert_int_equal(count + 2, WIRE_METHOD_COUNT); /* two of org.varlink.service */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_call_closes_the_connection),
		cmocka_unit_test(test_flags_and_members_of_vendors_are_read),
		cmocka_unit_test(test_methods_are_found_or_not),
		cmocka_unit_test(test_wrong_parameters_are_named),
		cmocka_unit_test(test_null_is_the_same_as_absent_where_that_is_allowed),
		cmocka_unit_test(test_parameters_are_read),
		cmocka_unit_test(test_a_call_of_many_containers_is_refused),
		cmocka_unit_test(test_each_lost_allocation_of_a_call_is_told),
		cmocka_unit_test(test_the_description_and_the_table_name_the_same_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
