/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_settings.h"
#include "nova_options.h"
#include "vfmon/conf_names.h"
#include "vfmon/nova_conf.h"
#include "vfmon/pytext.h"

/* How much of a value a message quotes. */
#define QUOTE_MAX 64

static void add_problem(struct config *config, const struct spec_error *problem)
{
	if (config->problem_count < CONFIG_MAX_PROBLEMS)
		config->problems[config->problem_count++] = *problem;
}

void config_complain(const struct config_reading *r, unsigned int column, const char *format, ...)
{
	struct spec_error problem = { .line = r->value->line, .column = column };
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(problem.reason, sizeof(problem.reason), format, ap);
	va_end(ap);
	add_problem(r->config, &problem);
}

static int set_error(struct config *config, const char *path, const struct spec_error *problem)
{
	if (asprintf(&config->error, "%s:%u:%u: %s", path, problem->line, problem->column,
		     problem->reason) < 0) {
		config->error = NULL;
		return -ENOMEM;
	}
	return 0;
}

static void complain_of_name(const struct config_reading *r)
{
	char section[QUOTE_MAX], name[QUOTE_MAX];

	pytext_print(pytext_of(r->value->section), section, sizeof(section));
	pytext_print(pytext_of(r->value->name), name, sizeof(name));
	config_complain(r, r->value->name_column, "unknown key '%s' in section [%s]", name,
			section);
}

/* One more path, in the order of the file; an empty value forgets those before it. */
static int take_path(const struct config_reading *r, struct config_paths *paths)
{
	const struct nova_conf_value *v = r->value;
	const char **items;

	if (v->len == 0) {
		paths->count = 0;
		return 0;
	}
	if (v->text[0] != '/' || strlen(v->text) != v->len) {
		config_complain(r, v->columns[0], "%s: not an absolute path", v->name);
		return 0;
	}
	items = reallocarray(paths->items, paths->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	paths->items = items;
	paths->items[paths->count++] = v->text;
	return 0;
}

static int take_vfmond(const struct config_reading *r)
{
	const char *name = r->value->name;

	if (config_take_setting(r))
		return 0;
	if (strcmp(name, CONF_NOVA_CONFIG) == 0)
		return take_path(r, &r->config->nova_configs);
	if (strcmp(name, CONF_NOVA_CONFIG_DIR) == 0)
		return take_path(r, &r->config->nova_config_dirs);
	complain_of_name(r);
	return 0;
}

static int take_file(struct config *config, const char *path)
{
	struct config_reading r = { .config = config, .path = path };
	struct nova_assignment ignored;
	int error = 0;

	for (size_t i = 0; i < nova_conf_count(config->file) && error == 0; i++) {
		r.value = nova_conf_get(config->file, i);
		if (nova_conf_is_in(r.value, CONF_SECTION_VFMOND))
			error = take_vfmond(&r);
		else if (!nova_option_find(r.value, &ignored))
			complain_of_name(&r);
	}
	return error;
}

static int interpret(struct config *config, const char *path)
{
	int r = take_file(config, path);

	if (r < 0 || config->problem_count == 0)
		return r;
	return set_error(config, path, &config->problems[0]);
}

/* Nothing of a file whose form is broken is used. */
static int give_up(struct config *config, const char *path, const struct spec_error *problem)
{
	config->broken = true;
	add_problem(config, problem);
	return set_error(config, path, problem);
}

int config_parse(const char *path, const char *bytes, size_t len, struct config **ret)
{
	cleanup_(config_freep) struct config *config = calloc(1, sizeof(*config));
	struct spec_error problem;
	int r;

	if (!config)
		return -ENOMEM;
	config_set_defaults(config);
	r = nova_conf_parse(bytes, len, &config->file, &problem);
	if (r == -EINVAL)
		r = give_up(config, path, &problem);
	else if (r == 0)
		r = interpret(config, path);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(config);
	return 0;
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	nova_conf_free(config->file);
	free(config->nova_configs.items);
	free(config->nova_config_dirs.items);
	free(config->error);
	free(config);
	return NULL;
}
