/* SPDX-License-Identifier: Apache-2.0 */
#include "../../monitor/vendorfiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/tree.h"
#include "vfmon/vendor_rules.h"

#define RULE(directory) "[x]\ndirectory = " directory "\n"

struct fixture {
	struct tree *tree;
	char config[128];
	struct vendorfiles files;
	struct vendor_rules *rules;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->tree = tree_new();
	(void)snprintf(f->config, sizeof(f->config), "%s/vfmond.conf", tree_sysfs(f->tree));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vendorfiles_done(&f->files);
	vendor_rules_free(f->rules);
	tree_free(f->tree);
	free(f);
	return 0;
}

/* Loads; the rules of before are used where nothing else is there. */
static int load(struct fixture *f)
{
	struct vendor_rules *rules;
	int r = vendorfiles_load(&f->files, f->config, &rules);

	if (r > 0) {
		vendor_rules_free(f->rules);
		f->rules = rules;
	}
	return r;
}

/* Whether a rule for this directory is in force. */
static bool has_rule(const struct fixture *f, const char *directory)
{
	for (size_t i = 0; i < vendor_rules_count(f->rules); i++)
		if (strcmp(vendor_rules_get(f->rules, i)->directory, directory) == 0)
			return true;
	return false;
}

static void test_the_folder_beside_the_configuration_is_read(void **state)
{
	struct fixture *f = *state;

	tree_write(f->tree, "vendor.d/b.conf", RULE("b"));
	tree_write(f->tree, "vendor.d/a.conf", RULE("a"));
	tree_write(f->tree, "vendor.d/.hidden.conf", RULE("hidden"));
	tree_write(f->tree, "vendor.d/a.conf.bak", RULE("bak"));
	assert_int_equal(load(f), 1);
	assert_true(has_rule(f, "a") && has_rule(f, "b"));
	assert_false(has_rule(f, "hidden") || has_rule(f, "bak"));
}

static void test_without_any_file_there_are_no_rules(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f), 1);
	assert_false(has_rule(f, "a"));
}

/* A reload that changes nothing must not have the whole host read again. */
static void test_files_that_are_as_before_are_no_news(void **state)
{
	struct fixture *f = *state;

	tree_write(f->tree, "vendor.d/a.conf", RULE("a"));
	assert_int_equal(load(f), 1);
	assert_int_equal(load(f), 0);
	tree_write(f->tree, "vendor.d/a.conf", RULE("b"));
	assert_int_equal(load(f), 1);
	assert_true(has_rule(f, "b"));
	tree_write(f->tree, "vendor.d/a.conf", NULL);
	assert_int_equal(load(f), 1);
	assert_false(has_rule(f, "b"));
}

static void test_a_broken_file_does_not_take_the_others_with_it(void **state)
{
	struct fixture *f = *state;
	char path[192];

	tree_write(f->tree, "vendor.d/a.conf", RULE("a"));
	tree_write(f->tree, "vendor.d/b.conf", RULE("b") "colour = red\n");
	tree_write(f->tree, "vendor.d/d.conf", RULE("d"));
	(void)snprintf(path, sizeof(path), "%s/vendor.d/c.conf", tree_sysfs(f->tree));
	assert_int_equal(symlink("/dev/null", path), 0);
	(void)snprintf(path, sizeof(path), "%s/vendor.d/e.conf", tree_sysfs(f->tree));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(load(f), 1);
	assert_true(has_rule(f, "a") && has_rule(f, "d"));
	assert_false(has_rule(f, "b"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_folder_beside_the_configuration_is_read),
		TEST(test_without_any_file_there_are_no_rules),
		TEST(test_files_that_are_as_before_are_no_news),
		TEST(test_a_broken_file_does_not_take_the_others_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
