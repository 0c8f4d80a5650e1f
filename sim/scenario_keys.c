/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario_keys.h"

#include <errno.h>

/* Takes a count that also has to fit 16 bits. */
static int take_u16(struct words *w, const struct word *word, uint16_t *ret)
{
	uint64_t value;

	if (words_take_count(w, word, &value) < 0)
		return -EINVAL;
	if (value > UINT16_MAX)
		return words_refuse(w, word, "'%u' is above 65535", (unsigned)value);
	*ret = (uint16_t)value;
	return 0;
}

enum driver_key {
	DRIVER_MODULE,
	DRIVER_VFIO,
	DRIVER_ID,
	DRIVER_NET,
	DRIVER_UNLOADED,
	DRIVER_KEEPS_VFS
};

static int take_vfio(struct words *w, const struct word *value, struct driver_keys *keys)
{
	static const char *const kinds[] = { "generic", "variant", "vendor", NULL };
	size_t kind;

	if (words_take_choice(w, value, kinds, &kind) < 0)
		return -EINVAL;
	keys->vfio = (enum vfio_kind)(kind + 1);
	return 0;
}

static int take_driver_id(struct words *w, const struct word *value, struct driver_keys *keys)
{
	if (keys->n_ids == STEP_IDS_MAX)
		return words_refuse(w, value, "a driver has at most %d ids here", STEP_IDS_MAX);
	if (words_take_id(w, value, &keys->ids[keys->n_ids]) < 0)
		return -EINVAL;
	keys->n_ids++;
	return 0;
}

static int take_driver_key(struct words *w, const struct word *key, struct driver_keys *keys)
{
	static const char *const names[] = { [DRIVER_MODULE] = "module",
					     [DRIVER_VFIO] = "vfio",
					     [DRIVER_ID] = "id",
					     [DRIVER_NET] = "net",
					     [DRIVER_UNLOADED] = "unloaded",
					     [DRIVER_KEEPS_VFS] = "keeps-vfs",
					     NULL };
	struct word value;
	size_t name;

	if (words_take_choice(w, key, names, &name) < 0)
		return -EINVAL;
	switch ((enum driver_key)name) {
	case DRIVER_NET:
		keys->net = true;
		return 0;
	case DRIVER_UNLOADED:
		keys->unloaded = true;
		return 0;
	case DRIVER_KEEPS_VFS:
		keys->keeps_vfs = true;
		return 0;
	case DRIVER_MODULE:
		value = words_next(w);
		return words_take_name(w, &value, keys->module);
	case DRIVER_VFIO:
		value = words_next(w);
		return take_vfio(w, &value, keys);
	case DRIVER_ID:
		value = words_next(w);
		return take_driver_id(w, &value, keys);
	}
	return -EINVAL;
}

/* A module's name is its driver's with underscores, unless the line says another. */
static void name_module(const char *driver, char module[static STEP_NAME_MAX])
{
	size_t n = 0;

	if (module[0])
		return;
	for (; driver[n]; n++)
		module[n] = driver[n] == '-' ? '_' : driver[n];
	module[n] = '\0';
}

int scenario_take_driver_keys(struct words *w, struct step *step)
{
	struct word key = words_next(w);

	for (; key.len > 0; key = words_next(w))
		if (take_driver_key(w, &key, &step->driver) < 0)
			return -EINVAL;
	name_module(step->name, step->driver.module);
	if (step->driver.vfio == VFIO_VARIANT && step->driver.n_ids == 0)
		return words_refuse(w, &key, "a variant needs an id, such as id 15b3:101e");
	return 0;
}

enum function_key {
	FUNCTION_TOTAL,
	FUNCTION_VF_ID,
	FUNCTION_OFFSET,
	FUNCTION_STRIDE,
	FUNCTION_VF_GROUP,
	FUNCTION_CLASS,
	FUNCTION_SUBSYSTEM,
	FUNCTION_NUMA,
	FUNCTION_GROUP,
	FUNCTION_BELOW,
};

static int take_group(struct words *w, const struct word *value, int *ret)
{
	uint64_t number;

	if (word_is(value, "none")) {
		*ret = GROUP_NONE;
		return 0;
	}
	if (words_take_count(w, value, &number) < 0)
		return -EINVAL;
	*ret = (int)number;
	return 0;
}

static int take_vf_group(struct words *w, const struct word *value, enum vf_grouping *ret)
{
	static const char *const choices[] = { "own", "same", "none", NULL };
	size_t choice;

	if (words_take_choice(w, value, choices, &choice) < 0)
		return -EINVAL;
	*ret = (enum vf_grouping)choice;
	return 0;
}

static int take_function_value(struct words *w, enum function_key key, struct function_keys *keys)
{
	struct word value = words_next(w);
	uint64_t number = 0;
	uint32_t hex = 0;
	int r = -EINVAL;

	switch (key) {
	case FUNCTION_TOTAL:
		return take_u16(w, &value, &keys->total_vfs);
	case FUNCTION_OFFSET:
		return take_u16(w, &value, &keys->offset);
	case FUNCTION_STRIDE:
		return take_u16(w, &value, &keys->stride);
	case FUNCTION_VF_GROUP:
		return take_vf_group(w, &value, &keys->vf_group);
	case FUNCTION_SUBSYSTEM:
		return words_take_id(w, &value, &keys->subsystem);
	case FUNCTION_GROUP:
		return take_group(w, &value, &keys->group);
	case FUNCTION_BELOW:
		keys->has_below = true;
		return words_take_address(w, &value, &keys->below);
	case FUNCTION_CLASS:
		return words_take_hex(w, &value, 6, &keys->class);
	case FUNCTION_VF_ID:
		r = words_take_hex(w, &value, 4, &hex);
		keys->vf_id = (uint16_t)hex;
		return r;
	case FUNCTION_NUMA:
		r = words_take_count(w, &value, &number);
		keys->numa_node = (int)number;
		return r;
	}
	return r;
}

int scenario_take_function_keys(struct words *w, struct step *step)
{
	static const char *const names[] = {
		[FUNCTION_CLASS] = "class",   [FUNCTION_SUBSYSTEM] = "subsystem",
		[FUNCTION_NUMA] = "numa",     [FUNCTION_GROUP] = "group",
		[FUNCTION_BELOW] = "below",   [FUNCTION_TOTAL] = "total",
		[FUNCTION_VF_ID] = "vf-id",   [FUNCTION_OFFSET] = "offset",
		[FUNCTION_STRIDE] = "stride", [FUNCTION_VF_GROUP] = "vf-group",
		[FUNCTION_BELOW + 1] = NULL,
	};
	/* The keys that only a PF has come first. */
	size_t first = step->kind == STEP_PF ? 0 : FUNCTION_CLASS, name;
	struct function_keys *keys = &step->function;
	struct word key = words_next(w);

	*keys = (struct function_keys){ .id = keys->id,
					.class = 0x020000,
					.offset = 1,
					.stride = 1,
					.numa_node = -1,
					.group = GROUP_OWN };
	for (; key.len > 0; key = words_next(w)) {
		if (words_take_choice(w, &key, names + first, &name) < 0)
			return -EINVAL;
		if (take_function_value(w, (enum function_key)(first + name), keys) < 0)
			return -EINVAL;
	}
	if (step->kind == STEP_PF && keys->total_vfs == 0)
		return words_refuse(w, &key, "a pf needs total and a number above 0");
	if (keys->subsystem.vendor == 0)
		keys->subsystem = keys->id;
	if (keys->vf_id == 0)
		keys->vf_id = keys->id.product;
	return 0;
}
