/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "vfmon/text.h"

static void test_equal_texts_are_one(void **state)
{
	struct text_pool *pool;
	struct text *a, *b, *c;

	(void)state;
	assert_int_equal(text_pool_new(&pool), 0);
	assert_int_equal(text_take(pool, "vfio-pci", &a), 0);
	assert_int_equal(text_take(pool, "vfio-pci", &b), 0);
	assert_int_equal(text_take(pool, "igbvf", &c), 0);
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_string_equal(text_str(a), "vfio-pci");
	assert_int_equal(text_pool_count(pool), 2);
	text_unref(a);
	assert_int_equal(text_pool_count(pool), 2);
	text_unref(b);
	text_unref(c);
	assert_int_equal(text_pool_count(pool), 0);
	assert_null(text_pool_free(pool));
}

static void test_no_text_is_no_text(void **state)
{
	struct text_pool *pool;
	struct text *t;

	(void)state;
	assert_int_equal(text_pool_new(&pool), 0);
	assert_int_equal(text_take(pool, NULL, &t), 0);
	assert_null(t);
	assert_null(text_str(t));
	assert_null(text_ref(t));
	assert_null(text_unref(t));
	text_pool_free(pool);
}

static void test_a_thousand_texts_are_found_again(void **state)
{
	struct text *texts[1000], *again;
	struct text_pool *pool;
	char name[32];

	(void)state;
	assert_int_equal(text_pool_new(&pool), 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "driver-%d", i * 7919 % 1000);
		assert_int_equal(text_take(pool, name, &texts[i]), 0);
	}
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(text_take(pool, text_str(texts[i]), &again), 0);
		assert_ptr_equal(again, texts[i]);
		text_unref(again);
		text_unref(texts[i]);
	}
	assert_int_equal(text_pool_count(pool), 0);
	text_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_texts_are_one),
		cmocka_unit_test(test_no_text_is_no_text),
		cmocka_unit_test(test_a_thousand_texts_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
