/* SPDX-License-Identifier: Apache-2.0 */
#include "../lib/alloc.h"
#include "alias_fixture.h"

struct refusal {
	const char *value;
	unsigned int column;
	const char *reason;
};

static void check_refused(const struct alias_rules *rules, const struct refusal *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_(aliases_freep) struct aliases *aliases = new_for(rules);
		struct alias_answer answer;
		struct spec_error error;

		if (add(aliases, rows[i].value, &error) != -EINVAL)
			fail_msg("%s was taken", rows[i].value);
		if (error.line != 3 || error.column != rows[i].column ||
		    !strstr(error.reason, rows[i].reason))
			fail_msg("%s: %u:%u %s", rows[i].value, error.line, error.column,
				 error.reason);
		assert_string_equal(error.nova_class, "PciInvalidAlias");
		assert_true(aliases_are_broken(aliases));
		assert_int_equal(aliases_count(aliases), 0);
		assert_int_equal(aliases_resolve(aliases, "a", NULL, 0, &answer), -ENOENT);
	}
}

static void test_an_alias_is_one_object_with_a_name(void **state)
{
	static const struct refusal rows[] = {
		{ "", 9, "not valid JSON" },
		{ "[]", 9, "one object" },
		{ "[{\"name\": \"a\"}]", 9, "one object" },
		{ "\"a\"", 9, "one object" },
		{ "{}", 9, "has to have a name" },
		{ "{\"name\": \"\"}", 18, "1 to 256 characters" },
		{ "{\"name\": 5}", 18, "name: not a text" },
		{ "{\"name\": null}", 18, "name: not a text" },
	};

	(void)state;
	check_refused(NOVA(31, 0, 0), rows, COUNT(rows));
}

static void test_a_name_is_trimmed_and_has_at_most_256_characters(void **state)
{
	static const char e_acute[] = "\xc3\xa9";
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
	char text[1024] = "{\"name\": \"";
	struct spec_error error;
	struct alias_info info;
	size_t len = strlen(text);

	(void)state;
	for (int i = 0; i < 256; i++, len += 2)
		memcpy(text + len, e_acute, 2);
	memcpy(text + len, "\"}", 3);
	add_good(aliases, text);
	add_good(aliases, "{\"name\": \" my vf\\t\"}");
	aliases_get(aliases, 1, &info);
	assert_string_equal(info.name, "my vf");
	add_good(aliases, "{\"name\": \" \"}");
	aliases_get(aliases, 2, &info);
	assert_string_equal(info.name, "");
	memcpy(text + len, "x\"}", 4);
	assert_int_equal(add(aliases, text, &error), -EINVAL);
}

static void test_an_alias_refuses_every_other_key(void **state)
{
	static const struct refusal rows[] = {
		{ "{\"name\": \"a\", \"managed\": \"no\"}", 23, "no key 'managed'" },
		{ "{\"name\": \"a\", \"address\": \"*:*:*.*\"}", 23, "no key 'address'" },
		{ "{\"physical_network\": null, \"name\": \"a\"}", 10,
		  "no key 'physical_network'" },
		{ "{\"Name\": \"a\"}", 10, "no key 'Name'" },
	};
	static const struct alias_rules before = { .nova = VERSION(30, 0, 0) };
	static const struct refusal late = { "{\"name\": \"a\", \"live_migratable\": \"yes\"}", 23,
					     "no key 'live_migratable'" };

	(void)state;
	check_refused(NOVA(31, 0, 0), rows, COUNT(rows));
	check_refused(&before, &late, 1);
}

static void test_values_have_to_be_what_the_schema_says(void **state)
{
	static const struct {
		const char *key;
		const char *value;
		bool good;
	} rows[] = {
		{ "vendor_id", "\"10de\"", true },
		{ "vendor_id", "\"10DE\"", true },
		{ "vendor_id", "\"10de\\n\"", true },
		{ "vendor_id", "\"\\u0661\\u0662\\u0663\\u0664\"", true },
		{ "vendor_id", "\"0x10de\"", false },
		{ "vendor_id", "\"*\"", false },
		{ "vendor_id", "\"10d\"", false },
		{ "vendor_id", "\"10de0\"", false },
		{ "vendor_id", "\" 10de\"", false },
		{ "vendor_id", "\"10d_\"", false },
		{ "vendor_id", "\"10de\\n\\n\"", false },
		{ "vendor_id", "\"\"", false },
		{ "vendor_id", "4318", false },
		{ "product_id", "\"25b6\"", true },
		{ "product_id", "\"25bg\"", false },
		{ "device_type", "\"type-PCI\"", true },
		{ "device_type", "\"type-PF\"", true },
		{ "device_type", "\"type-VF\"", true },
		{ "device_type", "\"vdpa\"", false },
		{ "device_type", "\"type-vf\"", false },
		{ "device_type", "null", false },
		{ "numa_policy", "\"legacy\"", true },
		{ "numa_policy", "\"preferred\"", true },
		{ "numa_policy", "\"required\"", true },
		{ "numa_policy", "\"socket\"", true },
		{ "numa_policy", "\"other\"", false },
		{ "capability_type", "\"pci\"", true },
		{ "capability_type", "\"net\"", false },
		{ "resource_class", "\"any thing\"", true },
		{ "resource_class", "5", false },
		{ "traits", "\"\"", true },
		{ "traits", "[]", false },
		{ "live_migratable", "\"yes\"", true },
		{ "live_migratable", "\" Off \"", true },
		{ "live_migratable", "\"maybe\"", false },
		{ "live_migratable", "\"\"", false },
		{ "live_migratable", "true", false },
		{ "live_migratable", "null", false },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
		struct spec_error error = { 0 };

		(void)snprintf(text, sizeof(text), "{\"name\": \"a\", \"%s\": %s}", rows[i].key,
			       rows[i].value);
		if (add(aliases, text, &error) != (rows[i].good ? 0 : -EINVAL))
			fail_msg("%s: %s", text, error.reason);
		if (!rows[i].good)
			assert_int_equal(error.column, 9 + 18 + strlen(rows[i].key));
	}
}

static void test_the_specifications_alias_is_refused_for_its_bare_key(void **state)
{
	static const struct refusal rows[] = {
		{ "{ \"device_type\": \"type-VF\", resource_class: \"CUSTOM_A16_16A\", \"name\": "
		  "\"A16_16A\" }",
		  37, "key without quotes: resource_class" },
	};
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));

	(void)state;
	check_refused(NOVA(31, 0, 0), rows, COUNT(rows));
	add_good(aliases, "{ \"vendor_id\": \"10de\", \"product_id\": \"25b6\", \"device_type\": "
			  "\"type-VF\", \"name\": \"MYVF\" }");
}

static void test_repeated_names_need_the_same_policy_and_device_type(void **state)
{
	static const struct {
		const char *first, *second;
		const char *reason; /* NULL: taken */
	} rows[] = {
		{ "{\"name\": \"a\", \"device_type\": \"type-VF\"}",
		  "{\"name\": \" a\", \"device_type\": \"type-VF\", \"numa_policy\": \"legacy\"}",
		  NULL },
		{ "{\"name\": \"a\", \"device_type\": \"type-VF\"}",
		  "{\"name\": \"a\", \"device_type\": \"type-PF\"}", "another device_type" },
		{ "{\"name\": \"a\", \"device_type\": \"type-VF\"}",
		  "{\"name\": \"a\", \"device_type\": \"type-VF\", \"numa_policy\": \"socket\"}",
		  "another numa_policy" },
		{ "{\"name\": \"a\", \"device_type\": \"type-VF\"}", "{\"name\": \"a\"}",
		  "'dev_type'" },
		{ "{\"name\": \"a\"}", "{\"name\": \"a\"}", "'dev_type'" },
		{ "{\"name\": \"a\"}", "{\"name\": \"A\"}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
		struct spec_error error;
		int r;

		add_good(aliases, rows[i].first);
		r = add(aliases, rows[i].second, &error);
		if (r != (rows[i].reason ? -EINVAL : 0) ||
		    (rows[i].reason && !strstr(error.reason, rows[i].reason)))
			fail_msg("%s", rows[i].second);
		assert_int_equal(aliases_count(aliases), rows[i].reason ? 1 : 2);
	}
}

static void test_from_31_3_1_an_alias_needs_ids_or_with_placement_a_class(void **state)
{
	static const struct alias_rules last = { .nova = VERSION(31, 3, 0) };
	static const struct alias_rules first = { .nova = VERSION(31, 3, 1) };
	static const char only_class[] = "{\"name\": \"a\", \"resource_class\": \"x\"}";
	static const char ids[] =
		"{\"name\": \"a\", \"vendor_id\": \"10de\", \"product_id\": \"25b6\"}";
	static const char half[] = "{\"name\": \"a\", \"vendor_id\": \"10de\"}";
	const struct {
		const struct alias_rules *rules;
		const char *value;
		bool good;
	} rows[] = {
		{ &last, half, true },
		{ &first, half, false },
		{ &last, only_class, true },
		{ &first, only_class, false },
		{ &first, ids, true },
		{ NOVA(32, 0, 0), only_class, false },
		{ NOVA(32, 0, 0), ids, true },
		{ NOVA_PLACED(32, 0, 0), only_class, true },
		{ NOVA_PLACED(32, 0, 0), ids, true },
		{ NOVA_PLACED(32, 0, 0), half, false },
		{ NOVA_PLACED(31, 0, 0), half, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(aliases_freep) struct aliases *aliases = new_for(rows[i].rules);
		struct spec_error error;

		if (add(aliases, rows[i].value, &error) != (rows[i].good ? 0 : -EINVAL))
			fail_msg("%zu: %s", i, rows[i].value);
		assert_int_equal(aliases_are_broken(aliases), !rows[i].good);
	}
}

static void test_from_31_3_1_placement_allows_no_repeated_names(void **state)
{
	static const char value[] = "{\"name\": \"a\", \"vendor_id\": \"10de\", \"product_id\": "
				    "\"25b6\", \"device_type\": \"type-VF\"}";
	const struct {
		const struct alias_rules *rules;
		int r;
	} rows[] = { { NOVA_PLACED(31, 0, 0), 0 },
		     { NOVA(32, 0, 0), 0 },
		     { NOVA_PLACED(32, 0, 0), -EINVAL } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		cleanup_(aliases_freep) struct aliases *aliases = new_for(rows[i].rules);
		struct spec_error error;

		add_good(aliases, value);
		assert_int_equal(add(aliases, value, &error), rows[i].r);
	}
}

static void test_an_unknown_name_and_broken_aliases_have_no_answer(void **state)
{
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
	struct alias_answer answer;
	struct spec_error error;

	(void)state;
	add_good(aliases, "{\"name\": \"a\"}");
	assert_int_equal(aliases_resolve(aliases, "b", NULL, 0, &answer), -ENOENT);
	assert_int_equal(aliases_resolve(aliases, "a", NULL, 0, &answer), 0);
	assert_false(answer.with_placement);
	alias_answer_done(&answer);
	assert_int_equal(add(aliases, "{", &error), -EINVAL);
	assert_int_equal(aliases_resolve(aliases, "a", NULL, 0, &answer), -ENOENT);
}

static void test_an_alias_tells_what_it_holds(void **state)
{
	cleanup_(aliases_freep) struct aliases *aliases = new_for(NOVA(31, 0, 0));
	struct alias_info info;

	(void)state;
	add_good(aliases,
		 "{\"name\": \"a\", \"resource_class\": \"gold\", \"vendor_id\": \"10de\"}");
	add_good(aliases, "{\"name\": \"b\", \"product_id\": \"0001\", \"vendor_id\": \"10de\"}");
	aliases_get(aliases, 0, &info);
	assert_string_equal(info.file, "nova.conf");
	assert_int_equal(info.line, 3);
	assert_int_equal(info.column, 9);
	assert_string_equal(info.resource_class, "CUSTOM_GOLD");
	assert_false(info.has_ids || info.has_capability_type);
	aliases_get(aliases, 1, &info);
	assert_null(info.resource_class);
	assert_true(info.has_ids);
}

/* What happens in full: a list, a value, an answer. */
static int live(const struct vf *const *functions)
{
	cleanup_(aliases_freep) struct aliases *aliases = NULL;
	struct alias_answer answer;
	struct spec_error error;
	int r = aliases_new(NOVA_PLACED(31, 0, 0), &aliases);

	if (r == 0)
		r = add(aliases,
			"{\"name\": \"a\", \"resource_class\": \"x\", \"traits\": \"y,z\"}",
			&error);
	if (r == 0)
		r = aliases_resolve(aliases, "a", functions, 1, &answer);
	if (r == 0)
		alias_answer_done(&answer);
	return r;
}

static void test_each_lost_allocation_is_told(void **state)
{
	cleanup_(device_done) struct device d = device_of(VF_KIND_VF, "{}");
	const struct vf *functions[] = { &d.vf };

	(void)state;
	for (size_t i = 0;; i++) {
		int r;

		alloc_fail_after(i);
		r = live(functions);
		if (!alloc_fail_never()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_int_equal(r, -ENOMEM);
	}
	assert_null(aliases_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_alias_is_one_object_with_a_name),
		cmocka_unit_test(test_a_name_is_trimmed_and_has_at_most_256_characters),
		cmocka_unit_test(test_an_alias_refuses_every_other_key),
		cmocka_unit_test(test_values_have_to_be_what_the_schema_says),
		cmocka_unit_test(test_the_specifications_alias_is_refused_for_its_bare_key),
		cmocka_unit_test(test_repeated_names_need_the_same_policy_and_device_type),
		cmocka_unit_test(test_from_31_3_1_an_alias_needs_ids_or_with_placement_a_class),
		cmocka_unit_test(test_from_31_3_1_placement_allows_no_repeated_names),
		cmocka_unit_test(test_an_unknown_name_and_broken_aliases_have_no_answer),
		cmocka_unit_test(test_an_alias_tells_what_it_holds),
		cmocka_unit_test(test_each_lost_allocation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
