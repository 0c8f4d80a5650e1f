/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/pyjson.h"

/* Enough digits to tell every double from its neighbours. */
#define MAX_DIGITS 17

static bool is_zero(const char *digits)
{
	return digits[strspn(digits, "-0")] == '\0';
}

bool pyjson_truth(const struct pyjson *value)
{
	if (!value)
		return false;
	switch (value->type) {
	case PYJSON_NULL:
	case PYJSON_FALSE:
		return false;
	case PYJSON_TRUE:
		return true;
	case PYJSON_INTEGER:
		return !is_zero(value->text);
	case PYJSON_FLOAT:
		return strtod(value->text, NULL) != 0;
	case PYJSON_STRING:
		return *value->text != '\0';
	case PYJSON_ARRAY:
	case PYJSON_OBJECT:
		return value->count > 0;
	}
	return false;
}
