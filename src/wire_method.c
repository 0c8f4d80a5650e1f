/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/wire.h"

#include <string.h>

#include "vfmon/names.h"

static const struct {
	const char *interface;
	const char *name;
} methods[] = {
#define METHOD_NAMES(name, interface, method) { interface, method },
	WIRE_METHODS(METHOD_NAMES)
#undef METHOD_NAMES
};

enum wire_verdict wire_method_find(const char *name, enum wire_method *ret)
{
	const char *dot = strrchr(name, '.');
	size_t len = dot ? (size_t)(dot - name) : 0;
	enum wire_verdict verdict = dot ? WIRE_NO_INTERFACE : WIRE_NO_METHOD;

	for (size_t i = 0; i < WIRE_METHOD_COUNT; i++) {
		if (strlen(methods[i].interface) != len ||
		    memcmp(methods[i].interface, name, len) != 0)
			continue;
		verdict = WIRE_NO_METHOD;
		if (strcmp(dot + 1, methods[i].name) != 0)
			continue;
		*ret = (enum wire_method)i;
		return WIRE_SERVE;
	}
	return verdict;
}
