/* SPDX-License-Identifier: Apache-2.0 */
#include "expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const char *expect_part(struct caller *c, const char *part)
{
	const char *message = caller_next(c);

	if (!message || !strstr(message, part))
		fail_msg("%s is not in %s", part, message ? message : "nothing");
	return message;
}

void expect(struct caller *c, const char *text)
{
	const char *message = caller_next(c);

	assert_non_null(message);
	assert_string_equal(message, text);
}

void expect_silence(struct caller *c)
{
	assert_null(caller_next(c));
}

void expect_change(struct caller *c, const struct told *told)
{
	const char *message = caller_next(c);
	char part[128];

	assert_non_null(message);
	snprintf(part, sizeof(part), "{\"parameters\":{\"change\":{\"sequence\":%s", told->begin);
	if (strncmp(message, part, strlen(part)) != 0)
		fail_msg("%s does not begin %s", part, message);
	snprintf(part, sizeof(part), "\"matches\":%s,", told->matches ? "true" : "false");
	assert_non_null(strstr(message, part));
	assert_true(told->has_previous == (strstr(message, "\"previous\":{") != NULL));
	snprintf(part, sizeof(part), "\"merged\":%d}},\"continues\":true}", told->merged);
	assert_string_equal(message + strlen(message) - strlen(part), part);
}

struct caller *connect_watch(struct served *s, const char *call)
{
	struct caller *c = served_connect(s);

	caller_call(c, call);
	expect_part(c, "\"snapshot_complete\":true");
	expect_silence(c);
	return c;
}
