/* SPDX-License-Identifier: Apache-2.0 */
#include "nova_options.h"

#include <string.h>
#include <strings.h>

#include "vfmon/conf_names.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The present name of an option stands before its old ones. */
static const struct name {
	enum nova_option option;
	unsigned int age;
	const char *section;
	const char *name;
} names[] = {
	{ NOVA_DEVICE_SPEC, 0, CONF_SECTION_PCI, CONF_DEVICE_SPEC },
	{ NOVA_DEVICE_SPEC, 1, CONF_SECTION_PCI, CONF_OLD_PCI_WHITELIST },
	{ NOVA_DEVICE_SPEC, 2, CONF_SECTION_DEFAULT, CONF_OLD_WHITELIST },
	{ NOVA_ALIAS, 0, CONF_SECTION_PCI, CONF_ALIAS },
	{ NOVA_ALIAS, 1, CONF_SECTION_DEFAULT, CONF_OLD_ALIAS },
	{ NOVA_REPORT_IN_PLACEMENT, 0, CONF_SECTION_PCI, CONF_REPORT_IN_PLACEMENT },
	{ NOVA_PCI_IN_PLACEMENT, 0, CONF_SECTION_FILTER_SCHEDULER, CONF_PCI_IN_PLACEMENT },
	{ NOVA_VIRT_TYPE, 0, CONF_SECTION_LIBVIRT, CONF_VIRT_TYPE },
	{ NOVA_UPDATE_INTERVAL, 0, CONF_SECTION_DEFAULT, CONF_UPDATE_INTERVAL },
	{ NOVA_MDEV_TYPES, 0, CONF_SECTION_DEVICES, CONF_MDEV_TYPES },
	{ NOVA_MDEV_TYPES, 1, CONF_SECTION_DEVICES, CONF_VGPU_TYPES },
};

/* What people write for it: one chapter of Nova's manual, and the old names in the wrong section. */
static const struct {
	const char *wrong;
	const char *right;
} likes[] = {
	{ "dev_spec", CONF_DEVICE_SPEC },
	{ "device_specs", CONF_DEVICE_SPEC },
	{ "device-spec", CONF_DEVICE_SPEC },
	{ "whitelist", CONF_DEVICE_SPEC },
	{ CONF_OLD_WHITELIST, CONF_DEVICE_SPEC },
	{ CONF_OLD_ALIAS, CONF_ALIAS },
	{ "aliases", CONF_ALIAS },
	{ "report-in-placement", CONF_REPORT_IN_PLACEMENT },
};

static const char *const true_words[] = { "true", "1", "on", "yes" };
static const char *const false_words[] = { "false", "0", "off", "no" };

bool nova_option_find(const struct nova_conf_value *value, struct nova_assignment *ret)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(value->name, names[i].name) != 0 ||
		    !nova_conf_is_in(value, names[i].section))
			continue;
		ret->option = names[i].option;
		ret->age = names[i].age;
		return true;
	}
	return false;
}

static const struct name *present_name(enum nova_option option)
{
	const struct name *n = names;

	while (n->option != option)
		n++;
	return n;
}

static bool resolve_in(const char *section, struct pytext name, enum nova_option *ret)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i].age > 0 || strcmp(names[i].section, section) != 0 ||
		    !pytext_is(name, names[i].name))
			continue;
		*ret = names[i].option;
		return true;
	}
	return false;
}

/* Groups are compared as they are registered, and DEFAULT is none of them. */
static bool resolve_with_group(struct pytext group, struct pytext name, enum nova_option *ret)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i].section, CONF_SECTION_DEFAULT) != 0 &&
		    pytext_is(group, names[i].section))
			return resolve_in(names[i].section, name, ret);
	return false;
}

bool nova_option_resolve(enum nova_option user, struct pytext name, enum nova_option *ret)
{
	const char *dot = memchr(name.start, '.', (size_t)(name.end - name.start));

	if (dot)
		return resolve_with_group((struct pytext){ name.start, dot },
					  (struct pytext){ dot + 1, name.end }, ret);
	return resolve_in(nova_option_section(user), name, ret) ||
	       resolve_in(CONF_SECTION_DEFAULT, name, ret);
}

const char *nova_option_like(const char *name)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i].section, CONF_SECTION_PCI) == 0 &&
		    strcasecmp(name, names[i].name) == 0)
			return names[i].name;
	for (size_t i = 0; i < COUNT(likes); i++)
		if (strcasecmp(name, likes[i].wrong) == 0)
			return likes[i].right;
	return NULL;
}

const char *nova_option_section(enum nova_option option)
{
	return present_name(option)->section;
}

const char *nova_option_name(enum nova_option option)
{
	return present_name(option)->name;
}

static bool is_one_of(struct pytext text, const char *const *words, size_t count)
{
	size_t len = (size_t)(text.end - text.start);

	for (size_t i = 0; i < count; i++)
		if (len == strlen(words[i]) && strncasecmp(text.start, words[i], len) == 0)
			return true;
	return false;
}

bool nova_option_boolean(struct pytext text, bool *ret)
{
	bool is_true = is_one_of(text, true_words, COUNT(true_words));

	if (!is_true && !is_one_of(text, false_words, COUNT(false_words)))
		return false;
	*ret = is_true;
	return true;
}
