/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/modalias.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define CATCH_ALL "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"
#define MLX5 "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
#define NOISE                                                                                      \
	"# Aliases extracted from modules themselves.\n"                                           \
	"alias pci:v00008086d000010CAsv*sd*bc*sc*i* igbvf\n"                                       \
	"alias vfio_pci:\nalias vfio_pci:v* \nalias vfio_pci:v* a b\nalias\n\n  \n"

#define MLX5_VF "pci:v000015B3d0000101Esv000015B3sd00000003bc02sc00i00"
#define OTHER_VF "pci:v00008086d000010CAsv00008086sd0000A03Cbc02sc00i00"

static struct modalias_table *make_table(const char *text)
{
	struct modalias_table *table;

	assert_int_equal(modalias_table_new(text, strlen(text), &table), 0);
	return table;
}

static void test_a_variant_wins_over_the_generic_driver_wherever_it_stands(void **state)
{
	static const char *const texts[] = { NOISE CATCH_ALL MLX5, MLX5 CATCH_ALL NOISE };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct modalias_table *table = make_table(texts[i]);

		assert_string_equal(modalias_best(table, MLX5_VF), "mlx5_vfio_pci");
		assert_string_equal(modalias_best(table, OTHER_VF), "vfio_pci");
		modalias_table_free(table);
	}
}

static void test_of_two_that_are_as_exact_the_first_counts(void **state)
{
	struct modalias_table *table = make_table(
		CATCH_ALL "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* first\n" MLX5);

	(void)state;
	assert_string_equal(modalias_best(table, MLX5_VF), "first");
	modalias_table_free(table);
}

static void test_without_a_catch_all_no_match_has_no_answer(void **state)
{
	struct modalias_table *table = make_table(NOISE MLX5);

	(void)state;
	assert_null(modalias_best(table, OTHER_VF));
	assert_string_equal(modalias_best(table, MLX5_VF), "mlx5_vfio_pci");
	modalias_table_free(table);
}

static void test_what_is_no_modalias_gets_the_generic_driver(void **state)
{
	struct modalias_table *table = make_table(CATCH_ALL MLX5);
	char longer[512];

	(void)state;
	memset(longer, 'v', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_string_equal(modalias_best(table, ""), "vfio_pci");
	assert_string_equal(modalias_best(table, "usb:v1"), "vfio_pci");
	assert_string_equal(modalias_best(table, longer), "vfio_pci");
	modalias_table_free(table);
}

static void test_a_modules_aliases_say_which_kind_it_is(void **state)
{
	struct modalias_table *table = make_table(
		NOISE CATCH_ALL MLX5 "alias vfio_pci:v00008086d*sv*sd*bc*sc*i* vfio_pci\n");

	(void)state;
	assert_int_equal(modalias_module_vfio(table, "vfio_pci"), MODULE_VFIO_GENERIC);
	assert_int_equal(modalias_module_vfio(table, "vfio-pci"), MODULE_VFIO_GENERIC);
	assert_int_equal(modalias_module_vfio(table, "mlx5_vfio_pci"), MODULE_VFIO_VARIANT);
	assert_int_equal(modalias_module_vfio(table, "mlx5-vfio_pci"), MODULE_VFIO_VARIANT);
	assert_int_equal(modalias_module_vfio(table, "mlx5_vfio"), MODULE_VFIO_NONE);
	assert_int_equal(modalias_module_vfio(table, "igbvf"), MODULE_VFIO_NONE);
	modalias_table_free(table);
}

static void test_an_alias_within_another_line_is_none(void **state)
{
	struct modalias_table *table = make_table(CATCH_ALL "# " MLX5 "options x " MLX5);

	(void)state;
	assert_string_equal(modalias_best(table, MLX5_VF), "vfio_pci");
	assert_int_equal(modalias_module_vfio(table, "mlx5_vfio_pci"), MODULE_VFIO_NONE);
	modalias_table_free(table);
}

static void test_an_empty_or_cut_file_is_a_table_too(void **state)
{
	struct modalias_table *table = make_table("");

	(void)state;
	assert_null(modalias_best(table, MLX5_VF));
	modalias_table_free(table);
	/* The last line lacks its newline. */
	assert_int_equal(modalias_table_new(CATCH_ALL, strlen(CATCH_ALL) - 1, &table), 0);
	assert_string_equal(modalias_best(table, MLX5_VF), "vfio_pci");
	assert_null(modalias_table_free(table));
	assert_null(modalias_table_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_variant_wins_over_the_generic_driver_wherever_it_stands),
		cmocka_unit_test(test_of_two_that_are_as_exact_the_first_counts),
		cmocka_unit_test(test_without_a_catch_all_no_match_has_no_answer),
		cmocka_unit_test(test_what_is_no_modalias_gets_the_generic_driver),
		cmocka_unit_test(test_a_modules_aliases_say_which_kind_it_is),
		cmocka_unit_test(test_an_alias_within_another_line_is_none),
		cmocka_unit_test(test_an_empty_or_cut_file_is_a_table_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
