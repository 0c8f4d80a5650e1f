/* SPDX-License-Identifier: Apache-2.0 */
/* A Device of the interface in words: what list, show, watch and history say of it. */
#ifndef VFMON_CLI_DEVICE_H
#define VFMON_CLI_DEVICE_H

#include <stdint.h>
#include <stdio.h>

#include "vfmon/value.h"
#include "vfmon/vf.h"

/* A field of a Device, NULL or as value.h says if it is not there. Borrowed. */
const struct value *device_field(const struct value *device, enum vf_field field);
const char *device_text(const struct value *device, enum vf_field field);
int64_t device_int(const struct value *device, enum vf_field field, int64_t otherwise);
int device_bool(const struct value *device, enum vf_field field);

/* Of its binding: state, driver (NULL: none). */
const char *device_state(const struct value *device);
const char *device_driver(const struct value *device);

/* State of its readiness; never NULL: "unknown" where it is missing. */
const char *device_readiness(const struct value *device);

/* Of a reason. */
const char *device_reason_severity(const struct value *reason);
const char *device_reason_message(const struct value *reason);
const char *device_reason_remedy(const struct value *reason);

/* The reason that decided the readiness, NULL if there is none. */
const struct value *device_worst_reason(const struct value *device);

/*
 * Writes the reason that decided the readiness in a few words, for a line that has little room; the
 * whole sentence is the reason's message. Nothing if there is none.
 */
void device_print_reason(const struct value *device, FILE *out);

/* Writes in a few words what there is to know behind the columns; nothing if nothing. */
void device_print_note(const struct value *device, FILE *out);

/* Writes "virtual function 3 of 0000:25:00.0" or what else it is. */
void device_print_role(const struct value *device, FILE *out);

#endif
