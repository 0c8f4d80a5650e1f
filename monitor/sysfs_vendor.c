/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_vendor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Of all attributes together: an observation has room for its other texts too. */
#define STATE_MAX 1536

struct lines {
	size_t len;
	char text[STATE_MAX];
};

static void add_line(struct lines *lines, const char *name, const char *value)
{
	size_t room = sizeof(lines->text) - lines->len;
	int n = snprintf(lines->text + lines->len, room, "%s%s\t%s", lines->len > 0 ? "\n" : "",
			 name, value);

	if (n < (int)room)
		lines->len += (size_t)n;
	else
		lines->text[lines->len] = '\0'; /* what does not fit is left out as a whole */
}

static int put(struct observation *obs, const char *text, char **field)
{
	*field = observation_put(obs, text, strlen(text));
	return *field ? 0 : -E2BIG;
}

static int read_attributes(const struct vendor_rule *rule, int fd, char *text,
			   struct observation *obs)
{
	char value[VENDOR_VALUE_MAX], problem[VENDOR_PROBLEM_MAX] = "";
	struct lines lines = { .len = 0 };
	int r;

	for (size_t i = 0; i < rule->attribute_count; i++) {
		r = sysfs_file_read(fd, rule->attributes[i], text);
		if (sysfs_file_is_shortage(r))
			return r;
		if (r < 0)
			continue;
		vendor_rule_value(text, value);
		add_line(&lines, rule->attributes[i], value);
		if (!problem[0])
			(void)vendor_rule_is_unusable(rule, rule->attributes[i], value, problem);
	}
	r = put(obs, lines.text, &obs->vendor_state);
	return r < 0 || !problem[0] ? r : put(obs, problem, &obs->vendor_problem);
}

static int read_directory(const struct vendor_rule *rule, int fd, char *text,
			  struct observation *obs)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	obs->vendor_inode = st.st_ino;
	r = put(obs, rule->directory, &obs->vendor_directory);
	return r < 0 ? r : read_attributes(rule, fd, text, obs);
}

int sysfs_vendor_read(const struct vendor_rules *rules, int fd, char text[static SYSFS_FILE_MAX],
		      struct observation *obs)
{
	for (size_t i = 0; rules && i < vendor_rules_count(rules); i++) {
		const struct vendor_rule *rule = vendor_rules_get(rules, i);
		cleanup_(sysfs_file_closep) int dir = sysfs_file_open_dir(fd, rule->directory);

		if (dir >= 0)
			return read_directory(rule, dir, text, obs);
		if (dir != -ENOENT)
			return dir;
	}
	return 0;
}
