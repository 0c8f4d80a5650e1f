/* SPDX-License-Identifier: Apache-2.0 */
#include "pybool.h"

#include <string.h>

#include "vfmon/pyjson.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text;
	enum pybool value;
} words[] = {
	{ "1", PYBOOL_TRUE },	 { "t", PYBOOL_TRUE },	{ "true", PYBOOL_TRUE },
	{ "on", PYBOOL_TRUE },	 { "y", PYBOOL_TRUE },	{ "yes", PYBOOL_TRUE },
	{ "0", PYBOOL_FALSE },	 { "f", PYBOOL_FALSE }, { "false", PYBOOL_FALSE },
	{ "off", PYBOOL_FALSE }, { "n", PYBOOL_FALSE }, { "no", PYBOOL_FALSE },
};

enum pybool pybool_of_text(struct pytext t)
{
	size_t len;

	t = pytext_strip(t);
	len = (size_t)(t.end - t.start);
	for (size_t i = 0; i < COUNT(words); i++)
		if (len == strlen(words[i].text) && strncasecmp(t.start, words[i].text, len) == 0)
			return words[i].value;
	return PYBOOL_NEITHER;
}

enum pybool pybool_of(const struct pyjson *v)
{
	if (v->type == PYJSON_TRUE || v->type == PYJSON_FALSE)
		return v->type == PYJSON_TRUE ? PYBOOL_TRUE : PYBOOL_FALSE;
	if (v->type == PYJSON_INTEGER && strcmp(v->text, "-0") == 0)
		return PYBOOL_FALSE;
	if (v->type != PYJSON_STRING && v->type != PYJSON_INTEGER)
		return PYBOOL_NEITHER;
	return pybool_of_text(pytext_of(v->text));
}
