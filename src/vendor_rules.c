/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/vendor_rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/conf_names.h"
#include "vfmon/nova_conf.h"

#define BLANKS " \t\n"

struct vendor_rules {
	struct vendor_rule *items[VENDOR_RULES_MAX];
	size_t count;
};

/* A part of a value. */
struct span {
	const char *at;
	size_t len;
};

static struct vendor_rule *rule_free(struct vendor_rule *rule)
{
	for (size_t i = 0; i < rule->unusable_count; i++)
		free(rule->unusable[i].why);
	free(rule);
	return NULL;
}

/* Takes back what was added behind the first count. */
static void cut(struct vendor_rules *r, size_t count)
{
	while (r->count > count)
		rule_free(r->items[--r->count]);
}

int vendor_rules_new(struct vendor_rules **ret)
{
	struct vendor_rules *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	*ret = r;
	return 0;
}

struct vendor_rules *vendor_rules_free(struct vendor_rules *r)
{
	if (!r)
		return NULL;
	cut(r, 0);
	free(r);
	return NULL;
}

/* On failure what there is of it can be freed. */
static int copy_rule(const struct vendor_rule *rule, struct vendor_rule **ret)
{
	struct vendor_rule *copy = malloc(sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *rule;
	*ret = copy;
	copy->unusable_count = 0;
	for (size_t i = 0; i < rule->unusable_count; i++) {
		copy->unusable[i].why = strdup(rule->unusable[i].why);
		if (!copy->unusable[i].why)
			return -ENOMEM;
		copy->unusable_count++;
	}
	return 0;
}

int vendor_rules_copy(const struct vendor_rules *r, struct vendor_rules **ret)
{
	cleanup_(vendor_rules_freep) struct vendor_rules *copy = calloc(1, sizeof(*copy));

	for (size_t i = 0; copy && i < r->count; i++) {
		int e = copy_rule(r->items[i], &copy->items[i]);

		copy->count += copy->items[i] != NULL;
		if (e < 0)
			return e;
	}
	if (!copy)
		return -ENOMEM;
	*ret = TAKE_PTR(copy);
	return 0;
}

__attribute__((format(printf, 3, 4))) static int refuse(const struct nova_conf_value *value,
							struct spec_error *error,
							const char *format, ...)
{
	va_list args;

	*error = (struct spec_error){ .line = value->line, .column = value->name_column };
	va_start(args, format);
	(void)vsnprintf(error->reason, sizeof(error->reason), format, args);
	va_end(args);
	return -EINVAL;
}

static struct span trim(struct span s)
{
	while (s.len > 0 && memchr(BLANKS, s.at[0], strlen(BLANKS))) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 && memchr(BLANKS, s.at[s.len - 1], strlen(BLANKS)))
		s.len--;
	return s;
}

/* The part before the first stop, trimmed; *rest is what is behind it. False if there is none. */
static bool split(struct span *rest, char stop, struct span *ret)
{
	const char *found = memchr(rest->at, stop, rest->len);

	if (!found)
		return false;
	*ret = trim((struct span){ rest->at, (size_t)(found - rest->at) });
	rest->len -= (size_t)(found - rest->at) + 1;
	rest->at = found + 1;
	return true;
}

static bool next_word(struct span *rest, struct span *ret)
{
	*rest = trim(*rest);
	if (rest->len == 0)
		return false;
	*ret = (struct span){ rest->at, 0 };
	while (ret->len < rest->len && !memchr(BLANKS, rest->at[ret->len], strlen(BLANKS)))
		ret->len++;
	rest->at += ret->len;
	rest->len -= ret->len;
	return true;
}

/* The name of a file or folder right below the one that it is in. */
static bool is_name(struct span s)
{
	if (s.len == 0 || s.len >= VENDOR_NAME_MAX || s.at[0] == '.')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == '/')
			return false;
	return true;
}

static int take_name(const struct nova_conf_value *value, struct span s,
		     char ret[static VENDOR_NAME_MAX], struct spec_error *error)
{
	if (!is_name(s))
		return refuse(value, error, "'%.*s' is not the name of a file", (int)s.len, s.at);
	memcpy(ret, s.at, s.len);
	ret[s.len] = '\0';
	return 0;
}

static bool has_attribute(const struct vendor_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->attribute_count; i++)
		if (strcmp(rule->attributes[i], name) == 0)
			return true;
	return false;
}

static int take_directory(struct vendor_rule *rule, const struct nova_conf_value *value,
			  struct spec_error *error)
{
	return take_name(value, trim((struct span){ value->text, value->len }), rule->directory,
			 error);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int take_attributes(struct vendor_rule *rule, const struct nova_conf_value *value,
			   struct spec_error *error)
{
	struct span rest = { value->text, value->len }, word;
	char name[VENDOR_NAME_MAX];

	while (next_word(&rest, &word)) {
		if (take_name(value, word, name, error) < 0)
			return -EINVAL;
		if (has_attribute(rule, name))
			return refuse(value, error, "%s stands there twice", name);
		if (rule->attribute_count == VENDOR_ATTRIBUTES_MAX)
			return refuse(value, error, "more than %d attributes",
				      VENDOR_ATTRIBUTES_MAX);
		memcpy(rule->attributes[rule->attribute_count++], name, sizeof(name));
	}
	qsort(rule->attributes, rule->attribute_count, sizeof(rule->attributes[0]), compare);
	return 0;
}

/* "current_vgpu_type = 0: no vGPU type is set" */
static int take_unusable(struct vendor_rule *rule, const struct nova_conf_value *value,
			 struct spec_error *error)
{
	struct span rest = { value->text, value->len }, name, when;
	struct vendor_unusable *u;

	if (!split(&rest, '=', &name) || !split(&rest, ':', &when) || trim(rest).len == 0)
		return refuse(value, error, "it has to be ATTRIBUTE = VALUE: WHY");
	if (rule->unusable_count == VENDOR_ATTRIBUTES_MAX)
		return refuse(value, error, "more than %d values", VENDOR_ATTRIBUTES_MAX);
	u = &rule->unusable[rule->unusable_count];
	if (take_name(value, name, u->name, error) < 0)
		return -EINVAL;
	if (when.len >= VENDOR_VALUE_MAX)
		return refuse(value, error, "the value is longer than %d characters",
			      VENDOR_VALUE_MAX - 1);
	memcpy(u->value, when.at, when.len);
	u->value[when.len] = '\0';
	rest = trim(rest);
	u->why = strndup(rest.at, rest.len);
	if (!u->why)
		return -ENOMEM;
	rule->unusable_count++;
	return 0;
}

static int take_value(struct vendor_rule *rule, const struct nova_conf_value *value,
		      struct spec_error *error)
{
	static const struct {
		const char *name;
		bool several;
		int (*take)(struct vendor_rule *rule, const struct nova_conf_value *value,
			    struct spec_error *error);
	} keys[] = {
		{ VENDOR_KEY_DIRECTORY, false, take_directory },
		{ VENDOR_KEY_ATTRIBUTES, false, take_attributes },
		{ VENDOR_KEY_UNUSABLE, true, take_unusable },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(value->name, keys[i].name) != 0)
			continue;
		if (!keys[i].several &&
		    (keys[i].take == take_directory ? rule->directory[0] != '\0'
						    : rule->attribute_count > 0))
			return refuse(value, error, "%s stands there twice", value->name);
		return keys[i].take(rule, value, error);
	}
	return refuse(value, error, "unknown key '%.64s'", value->name);
}

/* What a whole section has to have; at is its last value. */
static int check_rule(const struct vendor_rule *rule, const struct nova_conf_value *at,
		      struct spec_error *error)
{
	if (!rule->directory[0])
		return refuse(at, error, "section [%.64s] has no directory", at->section);
	for (size_t i = 0; i < rule->unusable_count; i++)
		if (!has_attribute(rule, rule->unusable[i].name))
			return refuse(at, error, "%s is not one of the attributes",
				      rule->unusable[i].name);
	return 0;
}

static int begin_rule(struct vendor_rules *r, const struct nova_conf_value *value,
		      struct spec_error *error)
{
	if (r->count == VENDOR_RULES_MAX)
		return refuse(value, error, "more than %d sections in all files", VENDOR_RULES_MAX);
	r->items[r->count] = calloc(1, sizeof(*r->items[0]));
	if (!r->items[r->count])
		return -ENOMEM;
	r->count++;
	return 0;
}

/* A section that stands in two parts of a file is two rules, neither of them whole: refused so. */
static int add_values(struct vendor_rules *r, const struct nova_conf *conf,
		      struct spec_error *error)
{
	const struct nova_conf_value *last = NULL;
	int e = 0;

	for (size_t i = 0; i < nova_conf_count(conf) && e == 0; i++) {
		const struct nova_conf_value *value = nova_conf_get(conf, i);

		if (!last || strcmp(last->section, value->section) != 0) {
			e = last ? check_rule(r->items[r->count - 1], last, error) : 0;
			if (e == 0)
				e = begin_rule(r, value, error);
		}
		if (e == 0)
			e = take_value(r->items[r->count - 1], value, error);
		last = value;
	}
	return e == 0 && last ? check_rule(r->items[r->count - 1], last, error) : e;
}

int vendor_rules_add(struct vendor_rules *r, const char *bytes, size_t len,
		     struct spec_error *ret_error)
{
	cleanup_(nova_conf_freep) struct nova_conf *conf = NULL;
	size_t before = r->count;
	int e = nova_conf_parse(bytes, len, &conf, ret_error);

	if (e == 0)
		e = add_values(r, conf, ret_error);
	if (e < 0)
		cut(r, before);
	return e;
}

size_t vendor_rules_count(const struct vendor_rules *r)
{
	return r->count;
}

const struct vendor_rule *vendor_rules_get(const struct vendor_rules *r, size_t index)
{
	return r->items[index];
}

void vendor_rule_value(const char *text, char ret[static VENDOR_VALUE_MAX])
{
	struct span line = trim((struct span){ text, strcspn(text, "\n") });

	if (line.len >= VENDOR_VALUE_MAX)
		line.len = VENDOR_VALUE_MAX - 1;
	for (size_t i = 0; i < line.len; i++)
		ret[i] = line.at[i] < ' ' || line.at[i] > '~' ? '?' : line.at[i];
	ret[line.len] = '\0';
}

bool vendor_rule_is_unusable(const struct vendor_rule *rule, const char *name, const char *value,
			     char buf[static VENDOR_PROBLEM_MAX])
{
	for (size_t i = 0; i < rule->unusable_count; i++) {
		const struct vendor_unusable *u = &rule->unusable[i];

		if (strcmp(u->name, name) != 0 || strcmp(u->value, value) != 0)
			continue;
		(void)snprintf(buf, VENDOR_PROBLEM_MAX, "%s is %s: %s", name,
			       *value ? value : "empty", u->why);
		return true;
	}
	return false;
}
