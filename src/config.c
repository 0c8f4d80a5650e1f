/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_value.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"
#include "vfmon/names.h"
#include "vfmon/nova_conf.h"
#include "vfmon/pytext.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SECOND 1000000ULL
#define DAY (86400 * SECOND)

/* How much of a value a message quotes. */
#define QUOTE_MAX 64

enum type {
	TYPE_TIME,
	TYPE_TIME_OR_OFF,
	TYPE_SIZE,
	TYPE_COUNT,
	TYPE_LEVEL,
	TYPE_VERSION,
	TYPE_TEXT
};

/* A key of [vfmond] with an effect. Numbers have a member of struct config, a default and limits. */
static const struct key {
	const char *name;
	enum type type;
	size_t member;
	uint64_t initial;
	uint64_t min;
	uint64_t max;
	const char *text; /* default of what is no number */
} keys[] = {
	{ CONF_STUCK_AFTER, TYPE_TIME, offsetof(struct config, stuck_after_usec),
	  DEFAULT_STUCK_AFTER_USEC, SECOND / 10, DAY, NULL },
	{ CONF_AUDIT_INTERVAL, TYPE_TIME_OR_OFF, offsetof(struct config, audit_interval_usec),
	  DEFAULT_AUDIT_INTERVAL_USEC, SECOND, 366 * DAY, NULL },
	{ CONF_HISTORY_SIZE, TYPE_SIZE, offsetof(struct config, history_bytes),
	  DEFAULT_HISTORY_BYTES, 64 << 10, 1 << 30, NULL },
	{ CONF_MAX_CLIENTS, TYPE_COUNT, offsetof(struct config, max_clients), DEFAULT_MAX_CLIENTS,
	  1, 65536, NULL },
	{ CONF_MAX_CLIENTS_PER_USER, TYPE_COUNT, offsetof(struct config, max_clients_per_user),
	  DEFAULT_MAX_CLIENTS_PER_USER, 1, 65536, NULL },
	{ CONF_NOVA_VERSION, TYPE_VERSION, offsetof(struct config, nova_version), 0, 0, 0,
	  "newest" },
	{ CONF_LIBVIRT_VERSION, TYPE_VERSION, offsetof(struct config, libvirt_version), 0, 0, 0,
	  "auto" },
	{ CONF_QEMU_VERSION, TYPE_VERSION, offsetof(struct config, qemu_version), 0, 0, 0, "auto" },
	{ CONF_GUEST_USER, TYPE_TEXT, 0, 0, 0, 0, "auto" },
	{ CONF_LOG_LEVEL, TYPE_LEVEL, 0, 0, 0, 0, "info" },
};
_Static_assert(COUNT(keys) == CONFIG_SETTINGS, "a setting for each key");

/* By the number that syslog gives them, from LOG_EMERG. */
static const char *const level_names[] = { "emerg",   "alert",	"crit", "err",
					   "warning", "notice", "info", "debug" };

static const char *const type_texts[] = {
	[TYPE_TIME] = "a time span such as 10s or 5min",
	[TYPE_TIME_OR_OFF] = "a time span such as 10s or 5min, or 0",
	[TYPE_SIZE] = "a size such as 512K or 4M",
	[TYPE_COUNT] = "a number",
	[TYPE_LEVEL] = "one of emerg, alert, crit, err, warning, notice, info, debug",
	[TYPE_VERSION] = "a version such as 31.0 or 31.0.0, or the word for the default",
	[TYPE_TEXT] = "a text of at most 63 bytes",
};

static const struct spec_rules newest_nova = { .nova = NOVA_NEWEST };

/* The file that is being read. */
struct reading {
	struct config *config;
	const char *path;
	const struct nova_conf_value *value; /* the present one */
};

static void add_problem(struct config *config, const struct spec_error *problem)
{
	if (config->problem_count < CONFIG_MAX_PROBLEMS)
		config->problems[config->problem_count++] = *problem;
}

/* Something at the present value, or at its name, is wrong; the rest goes on. */
__attribute__((format(printf, 3, 4))) static void complain(const struct reading *r,
							   unsigned int column, const char *format,
							   ...)
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

/* The file is not to be used as a whole. */
static int add_fatal(struct config *config, const char *path, const struct spec_error *problem)
{
	add_problem(config, problem);
	if (config->broken)
		return 0;
	config->broken = true;
	return set_error(config, path, problem);
}

int config_log_level(const char *name)
{
	for (size_t i = 0; i < COUNT(level_names); i++)
		if (strcmp(name, level_names[i]) == 0)
			return (int)i;
	return -EINVAL;
}

/* The value of a type that is one number. Returns 0, -EINVAL or -ERANGE. */
static int parse_number(const struct key *key, const char *text, uint64_t *ret)
{
	uint64_t number = 0;
	bool can_be_off = key->type == TYPE_TIME_OR_OFF;
	int r;

	if (key->type == TYPE_TIME || can_be_off)
		r = config_time_parse(text, &number);
	else if (key->type == TYPE_SIZE)
		r = config_size_parse(text, &number);
	else
		r = config_count_parse(text, &number);
	if (r < 0)
		return r;
	if (can_be_off && (number == 0 || number == CONFIG_INFINITY))
		number = 0;
	else if (number < key->min || number > key->max)
		return -ERANGE;
	*ret = number;
	return 0;
}

/* The word for the default is a version that is not known. */
static int parse_version(const struct key *key, const char *text, version_t *ret)
{
	if (strcmp(text, key->text) != 0)
		return version_parse(text, ret);
	*ret = 0;
	return 0;
}

/* Puts a value into force. Returns 0, -EINVAL or -ERANGE. */
static int set_value(struct config *config, const struct key *key, const char *text)
{
	void *member = (char *)config + key->member;
	int level;

	switch (key->type) {
	case TYPE_TIME:
	case TYPE_TIME_OR_OFF:
	case TYPE_SIZE:
	case TYPE_COUNT:
		return parse_number(key, text, member);
	case TYPE_LEVEL:
		level = config_log_level(text);
		if (level >= 0)
			config->log_level = level;
		return level < 0 ? level : 0;
	case TYPE_VERSION:
		return parse_version(key, text, member);
	case TYPE_TEXT:
		return strlen(text) < sizeof(config->settings[0].value) ? 0 : -EINVAL;
	}
	return -EINVAL;
}

static void format_number(const struct key *key, uint64_t number, char *buf, size_t size)
{
	if (key->type == TYPE_TIME || key->type == TYPE_TIME_OR_OFF)
		config_time_format(number, buf, size);
	else if (key->type == TYPE_SIZE)
		config_size_format(number, buf, size);
	else
		(void)snprintf(buf, size, "%" PRIu64, number);
}

static void set_default(struct config *config, size_t index)
{
	struct setting_status *setting = &config->settings[index];
	const struct key *key = &keys[index];
	void *member = (char *)config + key->member;

	setting->name = key->name;
	setting->origin = ORIGIN_DEFAULT;
	if (key->text) {
		(void)snprintf(setting->value, sizeof(setting->value), "%s", key->text);
		(void)set_value(config, key, key->text);
		return;
	}
	*(uint64_t *)member = key->initial;
	format_number(key, key->initial, setting->value, sizeof(setting->value));
}

static void complain_of_value(const struct reading *r, const struct key *key, int error)
{
	char quote[QUOTE_MAX], min[32], max[32];

	pytext_print((struct pytext){ r->value->text, r->value->text + r->value->len }, quote,
		     sizeof(quote));
	if (error != -ERANGE) {
		complain(r, r->value->columns[0], "%s: '%s' is not %s", key->name, quote,
			 type_texts[key->type]);
		return;
	}
	format_number(key, key->min, min, sizeof(min));
	format_number(key, key->max, max, sizeof(max));
	complain(r, r->value->columns[0], "%s: '%s' is not between %s and %s%s", key->name, quote,
		 min, max, key->type == TYPE_TIME_OR_OFF ? ", or 0" : "");
}

/* As in systemd's files, the last assignment counts and an empty one gives the default back. */
static void take_setting(const struct reading *r, size_t index)
{
	const struct nova_conf_value *v = r->value;
	struct setting_status *setting = &r->config->settings[index];
	int error = strlen(v->text) == v->len ? 0 : -EINVAL;

	if (v->len == 0) {
		set_default(r->config, index);
		return;
	}
	if (error == 0)
		error = set_value(r->config, &keys[index], v->text);
	if (error < 0) {
		complain_of_value(r, &keys[index], error);
		return;
	}
	pytext_print((struct pytext){ v->text, v->text + v->len }, setting->value,
		     sizeof(setting->value));
	setting->origin = ORIGIN_FILE;
}

static void complain_of_name(const struct reading *r)
{
	char section[QUOTE_MAX], name[QUOTE_MAX];

	pytext_print(pytext_of(r->value->section), section, sizeof(section));
	pytext_print(pytext_of(r->value->name), name, sizeof(name));
	complain(r, r->value->name_column, "unknown key '%s' in section [%s]", name, section);
}

/* One more path, in the order of the file; an empty value forgets those before it. */
static int take_path(const struct reading *r, struct config_paths *paths)
{
	const struct nova_conf_value *v = r->value;
	const char **items;

	if (v->len == 0) {
		paths->count = 0;
		return 0;
	}
	if (v->text[0] != '/' || strlen(v->text) != v->len) {
		complain(r, v->columns[0], "%s: not an absolute path", v->name);
		return 0;
	}
	items = reallocarray(paths->items, paths->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	paths->items = items;
	paths->items[paths->count++] = v->text;
	return 0;
}

static int take_vfmond(const struct reading *r)
{
	const char *name = r->value->name;

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strcmp(name, keys[i].name) == 0) {
			take_setting(r, i);
			return 0;
		}
	}
	if (strcmp(name, CONF_NOVA_CONFIG) == 0)
		return take_path(r, &r->config->nova_configs);
	if (strcmp(name, CONF_NOVA_CONFIG_DIR) == 0)
		return take_path(r, &r->config->nova_config_dirs);
	complain_of_name(r);
	return 0;
}

static int take_pci(const struct reading *r)
{
	const struct nova_conf_value *v = r->value;
	const struct spec_value value = {
		.file = r->path,
		.line = v->line,
		.column = v->columns[0],
		.text = v->text,
		.len = v->len,
		.columns = v->columns,
	};
	struct spec_error problem;
	int error;

	if (strcmp(v->name, CONF_DEVICE_SPEC) != 0) {
		if (strcmp(v->name, CONF_ALIAS) != 0)
			complain_of_name(r);
		return 0;
	}
	error = device_specs_add(r->config->specs, &value, &problem);
	return error == -EINVAL ? add_fatal(r->config, r->path, &problem) : error;
}

static int take_file(struct config *config, const char *path)
{
	struct reading r = { .config = config, .path = path };
	int error = 0;

	for (size_t i = 0; i < nova_conf_count(config->file) && error == 0; i++) {
		r.value = nova_conf_get(config->file, i);
		if (nova_conf_is_in(r.value, CONF_SECTION_VFMOND))
			error = take_vfmond(&r);
		else if (nova_conf_is_in(r.value, CONF_SECTION_PCI))
			error = take_pci(&r);
		else
			complain_of_name(&r);
	}
	return error;
}

/* Nothing of a broken configuration is matched: Nova would not have started with it. */
static int finish(struct config *config, const char *path)
{
	if (config->broken) {
		config->specs = device_specs_free(config->specs);
		return device_specs_new(&newest_nova, &config->specs);
	}
	return config->problem_count > 0 ? set_error(config, path, &config->problems[0]) : 0;
}

int config_parse(const char *path, const char *bytes, size_t len, struct config **ret)
{
	cleanup_(config_freep) struct config *config = calloc(1, sizeof(*config));
	struct spec_error problem;
	int r;

	if (!config || device_specs_new(&newest_nova, &config->specs) < 0)
		return -ENOMEM;
	config->setting_count = COUNT(keys);
	for (size_t i = 0; i < COUNT(keys); i++)
		set_default(config, i);
	r = nova_conf_parse(bytes, len, &config->file, &problem);
	if (r == -EINVAL)
		r = add_fatal(config, path, &problem);
	else if (r == 0)
		r = take_file(config, path);
	if (r == 0)
		r = finish(config, path);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(config);
	return 0;
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	device_specs_free(config->specs);
	nova_conf_free(config->file);
	free(config->nova_configs.items);
	free(config->nova_config_dirs.items);
	free(config->error);
	free(config);
	return NULL;
}
