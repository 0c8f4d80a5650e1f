/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/host.h"
#include "vfmon/state_text.h"
#include "vfmon/text.h"

#define BOOT "0c0fd9ab-93ae-4fb3-a2a1-5e1be4e26271"

static struct host *host;
static struct json_text text;

static int set_up(void **state)
{
	int r = host_set_up(state);

	if (r != 0)
		return r;
	host = *state;
	host_see_vf(host, HOST_VF0, 0);
	json_text_init(&text);
	state_text_write(&text, BOOT, host->registry);
	return json_text_error(&text);
}

static int tear_down(void **state)
{
	json_text_done(&text);
	return host_tear_down(state);
}

/* Of memory that ends where the text does: a read behind it is seen by a sanitizer. */
static int read_part(size_t len, const char *boot_id, size_t *ret_count, char *reason)
{
	struct state_images images = { 0 };
	char *part = malloc(len ? len : 1);
	int r;

	assert_non_null(part);
	memcpy(part, text.data, len);
	r = state_text_read(part, len, boot_id, host->pool, &images, reason);
	*ret_count = images.count;
	state_images_done(&images);
	free(part);
	return r;
}

static void test_what_was_written_is_read(void **state)
{
	char reason[STATE_TEXT_REASON_MAX] = "";
	size_t count;

	(void)state;
	assert_int_equal(read_part(text.len, BOOT, &count, reason), 0);
	assert_int_equal(count, 2);
	assert_string_equal(reason, "");
}

static void test_what_is_cut_anywhere_is_told_and_not_used(void **state)
{
	size_t whole = text.len;

	(void)state;
	while (whole > 0 && text.data[whole - 1] != '}')
		whole--;
	for (size_t len = 0; len < whole; len++) {
		char reason[STATE_TEXT_REASON_MAX] = "";
		size_t count;

		assert_int_equal(read_part(len, BOOT, &count, reason), -EINVAL);
		assert_int_equal(count, 0);
		assert_true(reason[0]);
	}
}

static void test_what_is_of_another_boot_is_passed_over(void **state)
{
	char reason[STATE_TEXT_REASON_MAX] = "";
	size_t count;

	(void)state;
	assert_int_equal(read_part(text.len, "another", &count, reason), -ESTALE);
	assert_int_equal(count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_written_is_read),
		TEST(test_what_is_cut_anywhere_is_told_and_not_used),
		TEST(test_what_is_of_another_boot_is_passed_over),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
