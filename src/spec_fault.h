/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong in a value of device_spec or alias, while its place is an offset. */
#ifndef SPEC_FAULT_H
#define SPEC_FAULT_H

#include <stddef.h>

struct pyjson_error;
struct spec_error;
struct spec_value;

struct spec_fault {
	const char *nova_class; /* static */
	size_t offset;		/* in the value's text */
	char reason[256];
};

/* Fills *fault and returns -EINVAL. */
int spec_fault_set(struct spec_fault *fault, const char *nova_class, size_t offset,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a text that is no JSON. */
int spec_fault_set_json(struct spec_fault *fault, const char *nova_class,
			const struct pyjson_error *json);

/* A place in a value's text. */
struct spec_place {
	size_t offset;
	unsigned int line;   /* behind the value's first one */
	unsigned int column; /* of the file, from 1, in characters */
};

struct spec_place spec_place_start(const struct spec_value *value);

/* Moves on to an offset that is not before the present one. */
void spec_place_advance(const struct spec_value *value, struct spec_place *place, size_t offset);

/* Makes the error of it. Returns -EINVAL. */
int spec_fault_report(const struct spec_fault *fault, const struct spec_value *value,
		      struct spec_error *ret_error);

#endif
