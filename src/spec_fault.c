/* SPDX-License-Identifier: Apache-2.0 */
#include "spec_fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "vfmon/device_spec.h"
#include "vfmon/pyjson.h"
#include "vfmon/pytext.h"
#include "vfmon/spec_error.h"

int spec_fault_set(struct spec_fault *fault, const char *nova_class, size_t offset,
		   const char *format, ...)
{
	va_list ap;

	fault->nova_class = nova_class;
	fault->offset = offset;
	va_start(ap, format);
	(void)vsnprintf(fault->reason, sizeof(fault->reason), format, ap);
	va_end(ap);
	return -EINVAL;
}

int spec_fault_set_json(struct spec_fault *fault, const char *nova_class,
			const struct pyjson_error *json)
{
	return spec_fault_set(fault, nova_class, json->offset, "not valid JSON: %s", json->reason);
}

struct spec_place spec_place_start(const struct spec_value *value)
{
	return (struct spec_place){ 0, 0, value->column };
}

void spec_place_advance(const struct spec_value *value, struct spec_place *place, size_t offset)
{
	const char *start = value->text + place->offset, *end = value->text + offset;

	for (const char *s = start; s < end; s++) {
		if (*s != '\n')
			continue;
		start = s + 1;
		place->line++;
		place->column = value->columns ? value->columns[place->line] : 1;
	}
	place->offset = offset;
	place->column += (unsigned int)pytext_length((struct pytext){ start, end });
}

int spec_fault_report(const struct spec_fault *fault, const struct spec_value *value,
		      struct spec_error *ret_error)
{
	struct spec_place place = spec_place_start(value);

	spec_place_advance(value, &place, fault->offset);
	ret_error->line = value->line + place.line;
	ret_error->column = place.column;
	pytext_print(pytext_of(fault->reason), ret_error->reason, sizeof(ret_error->reason));
	ret_error->nova_class = fault->nova_class;
	return -EINVAL;
}
