/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "vfmon/keys.h"

const struct value *device_field(const struct value *device, enum vf_field field)
{
	return value_member(device, vf_field_name(field));
}

const char *device_text(const struct value *device, enum vf_field field)
{
	return value_text(device, vf_field_name(field));
}

int64_t device_int(const struct value *device, enum vf_field field, int64_t otherwise)
{
	return value_int(device, vf_field_name(field), otherwise);
}

int device_bool(const struct value *device, enum vf_field field)
{
	return value_bool(device, vf_field_name(field));
}

const char *device_state(const struct value *device)
{
	return value_text(device_field(device, VF_FIELD_BINDING), KEY_STATE);
}

const char *device_driver(const struct value *device)
{
	return value_text(device_field(device, VF_FIELD_BINDING), KEY_DRIVER);
}

const char *device_readiness(const struct value *device)
{
	const char *state = value_text(device_field(device, VF_FIELD_READINESS), KEY_STATE);

	return state ? state : vf_readiness_name(VF_READINESS_UNKNOWN);
}

const char *device_reason_severity(const struct value *reason)
{
	const char *severity = value_text(reason, KEY_SEVERITY);

	return severity ? severity : vf_readiness_name(VF_READINESS_UNKNOWN);
}

const char *device_reason_message(const struct value *reason)
{
	const char *message = value_text(reason, KEY_MESSAGE);

	return message ? message : "";
}

const char *device_reason_remedy(const struct value *reason)
{
	return value_text(reason, KEY_REMEDY);
}

const struct value *device_worst_reason(const struct value *device)
{
	const struct value *reasons = value_member(device_field(device, VF_FIELD_READINESS),
						   KEY_REASONS);
	const struct value *worst = NULL;
	int worst_severity = -1;

	for (size_t i = 0; i < value_count(reasons); i++) {
		const struct value *reason = value_at(reasons, i);
		int severity = vf_readiness_from_name(device_reason_severity(reason));

		if (worst && severity <= worst_severity)
			continue;
		worst = reason;
		worst_severity = severity;
	}
	return worst;
}

static bool is_kind(const struct value *device, enum vf_kind kind)
{
	const char *name = device_text(device, VF_FIELD_KIND);

	return name && strcmp(name, vf_kind_name(kind)) == 0;
}

void device_print_note(const struct value *device, FILE *out)
{
	const struct value *worst = device_worst_reason(device);
	int64_t total = device_int(device, VF_FIELD_TOTAL_VFS, -1);
	const char *between = "";

	if (is_kind(device, VF_KIND_PF) && total >= 0) {
		fprintf(out, "%" PRId64 "/%" PRId64 " VFs", device_int(device, VF_FIELD_NUM_VFS, 0),
			total);
		between = ", ";
	}
	if (device_bool(device, VF_FIELD_IN_USE) == 1) {
		fprintf(out, "%sin use", between);
		between = ", ";
	}
	if (worst)
		fprintf(out, "%s%s", between, device_reason_message(worst));
}

void device_print_role(const struct value *device, FILE *out)
{
	const char *pf = device_text(device, VF_FIELD_PHYSICAL_FUNCTION);
	int64_t index = device_int(device, VF_FIELD_VF_INDEX, -1);

	if (is_kind(device, VF_KIND_PF)) {
		fprintf(out, "physical function");
	} else if (is_kind(device, VF_KIND_VF)) {
		fprintf(out, "virtual function");
		if (index >= 0)
			fprintf(out, " %" PRId64, index);
		if (pf)
			fprintf(out, " of %s", pf);
	} else {
		fprintf(out, "PCI function");
	}
}
