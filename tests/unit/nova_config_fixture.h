/* SPDX-License-Identifier: Apache-2.0 */
/* Files of Nova's and what was read from them; for the tests of nova_config and its parts. */
#ifndef TESTS_NOVA_CONFIG_FIXTURE_H
#define TESTS_NOVA_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vfmon/alias.h"
#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define NOVA_31 VERSION(31, 0, 0)

static inline struct nova_config *parse_version(version_t version, const char *const *texts,
						size_t count)
{
	static const char *const paths[] = { "a.conf", "b.conf", "c.conf" };
	struct nova_file files[COUNT(paths)] = { 0 };
	struct nova_config *config = NULL;

	for (size_t i = 0; i < count; i++)
		files[i] = (struct nova_file){ .path = paths[i],
					       .bytes = texts[i],
					       .len = strlen(texts[i]) };
	assert_int_equal(nova_config_parse(version, files, count, &config), 0);
	assert_non_null(config->specs);
	assert_non_null(config->aliases);
	assert_non_null(config->virt_type);
	return config;
}

static inline struct nova_config *parse(const char *text)
{
	return parse_version(NOVA_31, &text, 1);
}

/* The only finding of a file, at its place. */
static inline const struct finding *only(const struct nova_config *config, enum finding_level level,
					 enum finding_code code, unsigned int line,
					 unsigned int column)
{
	const struct finding *f = config->findings.items;

	assert_int_equal(config->findings.count, 1);
	if (f->level != level || f->code != code || f->line != line || f->column != column)
		fail_msg("%s %s %u:%u %s", finding_level_name(f->level), finding_code_name(f->code),
			 f->line, f->column, f->message);
	assert_string_equal(f->file, "a.conf");
	return f;
}

static inline void check_clean(const struct nova_config *config)
{
	if (config->findings.count > 0)
		fail_msg("%s", config->findings.items[0].message);
	assert_false(config->broken);
}

/* The tags "n" of the entries in their order, as one text. */
static inline void check_order(const struct nova_config *config, const char *order)
{
	char found[32] = "";

	for (size_t i = 0; i < device_specs_count(config->specs); i++) {
		struct spec_info info;

		device_specs_get(config->specs, i, &info);
		assert_int_equal(info.tag_count, 1);
		strncat(found, info.tags[0].value, sizeof(found) - strlen(found) - 1);
	}
	assert_string_equal(found, order);
}

#endif
