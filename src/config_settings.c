/* SPDX-License-Identifier: Apache-2.0 */
#include "config_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config_value.h"
#include "vfmon/conf_names.h"
#include "vfmon/config.h"
#include "vfmon/names.h"
#include "vfmon/nova_conf.h"
#include "vfmon/pytext.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SECOND 1000000ULL
#define DAY (86400 * SECOND)

/* How much of a value a message quotes. */
#define QUOTE_MAX 64

/* Of a setting that is a text, with its NUL. */
#define TEXT_SIZE 64

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
		return strlen(text) < TEXT_SIZE ? 0 : -EINVAL;
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

static void complain_of_value(const struct config_reading *r, const struct key *key, int error)
{
	char quote[QUOTE_MAX], min[32], max[32];

	pytext_print((struct pytext){ r->value->text, r->value->text + r->value->len }, quote,
		     sizeof(quote));
	if (error != -ERANGE) {
		config_complain(r, r->value->columns[0], "%s: '%s' is not %s", key->name, quote,
				type_texts[key->type]);
		return;
	}
	format_number(key, key->min, min, sizeof(min));
	format_number(key, key->max, max, sizeof(max));
	config_complain(r, r->value->columns[0], "%s: '%s' is not between %s and %s%s", key->name,
			quote, min, max, key->type == TYPE_TIME_OR_OFF ? ", or 0" : "");
}

/* As in systemd's files, the last assignment counts and an empty one gives the default back. */
static void take_setting(const struct config_reading *r, size_t index)
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

void config_set_defaults(struct config *config)
{
	config->setting_count = COUNT(keys);
	for (size_t i = 0; i < COUNT(keys); i++)
		set_default(config, i);
}

bool config_take_setting(const struct config_reading *r)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strcmp(r->value->name, keys[i].name) != 0)
			continue;
		take_setting(r, i);
		return true;
	}
	return false;
}
