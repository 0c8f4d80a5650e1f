/* SPDX-License-Identifier: Apache-2.0 */
/* A file of vendor.d: any bytes; and an attribute's text, the same bytes. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/vendor_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rule(const struct vendor_rule *rule)
{
	char buf[VENDOR_PROBLEM_MAX];

	assert(rule->directory[0] && rule->directory[0] != '.' && !strchr(rule->directory, '/'));
	for (size_t i = 1; i < rule->attribute_count; i++)
		assert(strcmp(rule->attributes[i - 1], rule->attributes[i]) < 0);
	for (size_t i = 0; i < rule->unusable_count; i++)
		assert(vendor_rule_is_unusable(rule, rule->unusable[i].name,
					       rule->unusable[i].value, buf) &&
		       buf[0]);
}

static void check_value(const char *text)
{
	char value[VENDOR_VALUE_MAX];

	vendor_rule_value(text, value);
	for (const char *p = value; *p; p++)
		assert(*p >= ' ' && *p <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_(vendor_rules_freep) struct vendor_rules *rules = NULL;
	struct spec_error error = { .line = 0 };
	char *bytes = malloc(size + 1);
	int r;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	assert(vendor_rules_new(&rules) == 0);
	r = vendor_rules_add(rules, bytes, size, &error);
	assert(r == 0 || r == -EINVAL);
	assert(r == 0 || (error.line >= 1 && error.reason[0] && vendor_rules_count(rules) == 0));
	for (size_t i = 0; i < vendor_rules_count(rules); i++)
		check_rule(vendor_rules_get(rules, i));
	check_value(bytes);
	free(bytes);
	return 0;
}
