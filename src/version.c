/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/version.h"

#include <errno.h>
#include <stdio.h>

#define PART_MAX 65535

/* Digits up to a dot or the end. Returns where it ended, or NULL. */
static const char *parse_part(const char *s, uint64_t *ret)
{
	uint64_t value = 0;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		value = value * 10 + (uint64_t)(*s - '0');
		if (value > PART_MAX)
			return NULL;
	}
	*ret = value;
	return s;
}

int version_parse(const char *text, version_t *ret)
{
	uint64_t parts[3] = { 0, 0, 0 };
	const char *s = text;

	for (int i = 0; i < 3; i++) {
		s = parse_part(s, &parts[i]);
		if (!s)
			return -EINVAL;
		if (*s == '\0' && i > 0)
			break;
		if (*s == '\0' || (i == 2 && *s) || *s++ != '.')
			return -EINVAL;
	}
	*ret = VERSION(parts[0], parts[1], parts[2]);
	return 0;
}

const char *version_format(version_t version, char buf[static VERSION_TEXT_MAX])
{
	(void)snprintf(buf, VERSION_TEXT_MAX, "%u.%u.%u", (unsigned int)(version >> 32) & PART_MAX,
		       (unsigned int)(version >> 16) & PART_MAX, (unsigned int)version & PART_MAX);
	return buf;
}
