/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/memtext.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"

/* Enough digits to tell every double from its neighbours. */
#define MAX_DIGITS 17

/* Numbers have a point in JSON whatever the program's locale says. */
static locale_t enter_c_locale(locale_t *ret_c)
{
	*ret_c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	return *ret_c ? uselocale(*ret_c) : (locale_t)0;
}

static void leave_c_locale(locale_t before, locale_t c)
{
	if (!c)
		return;
	(void)uselocale(before);
	freelocale(c);
}

static bool float_truth(const char *text)
{
	locale_t c, before = enter_c_locale(&c);
	bool truth = strtod(text, NULL) != 0;

	leave_c_locale(before, c);
	return truth;
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
		return value->text[strspn(value->text, "-0")] != '\0';
	case PYJSON_FLOAT:
		return float_truth(value->text);
	case PYJSON_STRING:
		return *value->text != '\0';
	case PYJSON_ARRAY:
	case PYJSON_OBJECT:
		return value->count > 0;
	}
	return false;
}

/* The shortest digits that give the number back, as repr() writes them: "d.ddde+xx". */
static void shortest(double d, char buf[static 32])
{
	for (int digits = 0; digits < MAX_DIGITS; digits++) {
		(void)snprintf(buf, 32, "%.*e", digits, d);
		if (strtod(buf, NULL) == d)
			return;
	}
}

/* The form with an exponent, from 1e16 and below 1e-4. */
static void write_exponent(FILE *f, const char *digits, int exponent)
{
	fputc(digits[0], f);
	if (digits[1])
		fprintf(f, ".%s", digits + 1);
	fprintf(f, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static void write_fixed(FILE *f, const char *digits, int exponent)
{
	int n = (int)strlen(digits), point = exponent + 1;

	if (point <= 0)
		fprintf(f, "0.%.*s%s", -point, "0000", digits);
	else if (point < n)
		fprintf(f, "%.*s.%s", point, digits, digits + point);
	else
		fprintf(f, "%s%.*s.0", digits, point - n, "0000000000000000");
}

static void write_float(FILE *f, const char *text)
{
	char buf[32], digits[MAX_DIGITS + 1] = "0";
	double d = strtod(text, NULL);
	int exponent;
	size_t n = 0;

	if (isnan(d) || isinf(d)) {
		fputs(isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity", f);
		return;
	}
	shortest(fabs(d), buf);
	for (const char *s = buf; *s != 'e'; s++)
		if (*s != '.')
			digits[n++] = *s;
	exponent = (int)strtol(strchr(buf, 'e') + 1, NULL, 10);
	if (signbit(d))
		fputc('-', f);
	if (exponent < -4 || exponent >= 16)
		write_exponent(f, digits, exponent);
	else
		write_fixed(f, digits, exponent);
}

static void write_unit(FILE *f, unsigned int unit)
{
	static const char letters[] = "\b\t\n\f\r", names[] = "btnfr";
	const char *letter = unit && unit < 0x20 ? strchr(letters, (int)unit) : NULL;

	if (letter)
		fprintf(f, "\\%c", names[letter - letters]);
	else if (unit == '"' || unit == '\\')
		fprintf(f, "\\%c", (int)unit);
	else if (unit >= 0x20 && unit < 0x7f)
		fputc((int)unit, f);
	else
		fprintf(f, "\\u%04x", unit);
}

uint32_t pyjson_next(const char **p, const char *end)
{
	const unsigned char *s = (const unsigned char *)*p;
	uint32_t c = pytext_next(p, end);

	if (c != PYTEXT_INVALID)
		return c;
	if (s[0] == 0xc0 && *p < end) {
		*p += 1;
		return 0;
	}
	if (s[0] == 0xed && end - *p >= 2) {
		*p += 2;
		return 0xd000u | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	}
	return 0xfffd;
}

static void write_string(FILE *f, const char *text)
{
	const char *end = text + strlen(text);

	fputc('"', f);
	while (text < end) {
		uint32_t c = pyjson_next(&text, end);

		if (c >= 0x10000) {
			write_unit(f, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		write_unit(f, c);
	}
	fputc('"', f);
}

static void write_value(FILE *f, const struct pyjson *v);

static void write_items(FILE *f, const struct pyjson *v)
{
	for (const struct pyjson *item = v->items; item; item = item->next) {
		if (item != v->items)
			fputs(", ", f);
		if (item->name) {
			write_string(f, item->name);
			fputs(": ", f);
		}
		write_value(f, item);
	}
}

static void write_value(FILE *f, const struct pyjson *v)
{
	switch (v->type) {
	case PYJSON_NULL:
	case PYJSON_FALSE:
	case PYJSON_TRUE:
		fputs(v->text, f);
		break;
	case PYJSON_INTEGER:
		fputs(strcmp(v->text, "-0") == 0 ? "0" : v->text, f);
		break;
	case PYJSON_FLOAT:
		write_float(f, v->text);
		break;
	case PYJSON_STRING:
		write_string(f, v->text);
		break;
	case PYJSON_ARRAY:
		fputc('[', f);
		write_items(f, v);
		fputc(']', f);
		break;
	case PYJSON_OBJECT:
		fputc('{', f);
		write_items(f, v);
		fputc('}', f);
		break;
	}
}

int pyjson_dump(const struct pyjson *value, char **ret)
{
	struct memtext text;
	FILE *f = memtext_open(&text);
	locale_t c, before;

	if (!f)
		return -ENOMEM;
	before = enter_c_locale(&c);
	write_value(f, value);
	leave_c_locale(before, c);
	if (memtext_close(f, &text) < 0)
		return -ENOMEM;
	*ret = text.bytes;
	return 0;
}
