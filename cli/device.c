/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "vfmon/keys.h"
#include "vfmon/readiness.h"

static const char *const reason_names[] = {
#define REASON_NAME(name, text) [REASON_##name] = text,
	REASON_CODES(REASON_NAME)
#undef REASON_NAME
};

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

/* What an operator has to know first. A '%' stands for the driver that it has. */
static const char *const short_reasons[REASON_COUNT] = {
	[REASON_MANAGED_YES_VENDOR_DRIVER] = "libvirt takes it off %",
	[REASON_HOST_USES_DEVICE] = "the host itself uses it",
	[REASON_PHYSICAL_FUNCTION_HAS_VFS] = "a guest with it destroys its VFs",
	[REASON_MANAGED_NO_HOST_DRIVER] = "% has it: bind it to a VFIO driver",
	[REASON_MANAGED_NO_UNBOUND] = "no driver: bind it to a VFIO driver",
	[REASON_BINDING_IN_TRANSITION] = "in transition",
	[REASON_UNBIND_STUCK] = "can not be taken off its driver",
	[REASON_NO_IOMMU_GROUP] = "no IOMMU group",
	[REASON_IOMMU_GROUP_NOT_VIABLE] = "another function keeps its IOMMU group",
	[REASON_VFIO_NODE_MISSING] = "no node in /dev/vfio",
	[REASON_VGPU_TYPE_UNSET] = "no vGPU type is set",
	[REASON_PHYSICAL_FUNCTION_NOT_ANSWERING] = "it, or its PF, does not answer",
	[REASON_MANAGED_YES_REBINDS] = "libvirt moves it off %",
	[REASON_GENERIC_DRIVER_VARIANT_AVAILABLE] = "a better VFIO driver is there",
	[REASON_PHYSICAL_FUNCTION_UNBOUND] = "its PF has no driver",
	[REASON_MANAGED_IGNORED_FOR_NETWORK] = "its managed=no is ignored",
	[REASON_PLACEMENT_CONFLICT] = "Placement refuses its PF's VFs",
};

static const char *short_reason(const struct value *reason)
{
	const char *code = value_text(reason, KEY_CODE);

	for (int i = 0; code && i < REASON_COUNT; i++) {
		if (strcmp(reason_names[i], code) == 0)
			return short_reasons[i];
	}
	return NULL;
}

void device_print_reason(const struct value *device, FILE *out)
{
	const struct value *worst = device_worst_reason(device);
	const char *words = short_reason(worst);
	const char *driver = device_driver(device);
	size_t before;

	if (!worst)
		return;
	if (!words) { /* a newer vfmond has more of them */
		fprintf(out, "%s", device_reason_message(worst));
		return;
	}
	before = strcspn(words, "%");
	fprintf(out, "%.*s", (int)before, words);
	if (words[before])
		fprintf(out, "%s%s", driver ? driver : "its driver", words + before + 1);
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
	if (worst) {
		fprintf(out, "%s", between);
		device_print_reason(device, out);
	}
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
