/* SPDX-License-Identifier: Apache-2.0 */
#include "attributes.h"

#include <stdio.h>
#include <string.h>

#define CONFIG_SIZE 256

const char *attributes_modalias(const struct function *f, char buf[static MODALIAS_MAX])
{
	const struct function_keys *k = &f->keys;

	(void)snprintf(buf, MODALIAS_MAX, "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X",
		       (unsigned)k->id.vendor, (unsigned)k->id.product,
		       (unsigned)k->subsystem.vendor, (unsigned)k->subsystem.product,
		       (unsigned)(k->class >> 16 & 0xff), (unsigned)(k->class >> 8 & 0xff),
		       (unsigned)(k->class & 0xff));
	return buf;
}

/* A file whose text never changes; many functions have the same, so it is stored once. */
static void shared(struct host *h, const struct function *f, const char *name, const char *text)
{
	char path[sizeof(f->path) + 64];
	struct move move = {
		.kind = MOVE_SHARED, .path = path, .text = text, .size = strlen(text)
	};

	(void)snprintf(path, sizeof(path), "sys/%s/%s", f->path, name);
	move_bytes(&h->moves, &move);
}

static void shared_number(struct host *h, const struct function *f, const char *name, long number)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%ld\n", number);
	shared(h, f, name, text);
}

static void shared_hex(struct host *h, const struct function *f, const char *name,
		       const char *text_of_number)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "0x%s\n", text_of_number);
	shared(h, f, name, text);
}

static void add_ids(struct host *h, const struct function *f)
{
	const struct function_keys *k = &f->keys;
	const struct {
		const char *name;
		unsigned value;
		int digits;
	} ids[] = {
		{ "vendor", k->id.vendor, 4 },
		{ "device", k->id.product, 4 },
		{ "subsystem_vendor", k->subsystem.vendor, 4 },
		{ "subsystem_device", k->subsystem.product, 4 },
		{ "class", k->class, 6 },
		{ "revision", 0, 2 },
	};
	char text[16];

	for (size_t n = 0; n < sizeof(ids) / sizeof(ids[0]); n++) {
		(void)snprintf(text, sizeof(text), "%0*x", ids[n].digits, ids[n].value);
		shared_hex(h, f, ids[n].name, text);
	}
}

static void put_u16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value & 0xff);
	at[1] = (unsigned char)(value >> 8 & 0xff);
}

/* The standard header, so that lspci can read it. */
static void add_config(struct host *h, const struct function *f)
{
	unsigned char config[CONFIG_SIZE] = { 0 };
	char path[sizeof(f->path) + 16];
	struct move move = { .kind = MOVE_SHARED,
			     .path = path,
			     .text = (const char *)config,
			     .size = sizeof(config) };

	/* A VF has no ids of its own there: both words read as ones. */
	put_u16(config, f->kind == FUNCTION_VF ? 0xffff : f->keys.id.vendor);
	put_u16(config + 2, f->kind == FUNCTION_VF ? 0xffff : f->keys.id.product);
	put_u16(config + 0x0a, f->keys.class >> 8);
	config[0x09] = (unsigned char)(f->keys.class & 0xff);
	/* A bridge has another layout of its header. */
	config[0x0e] = f->keys.class >> 8 == 0x0604 ? 1 : 0;
	put_u16(config + 0x2c, f->keys.subsystem.vendor);
	put_u16(config + 0x2e, f->keys.subsystem.product);
	(void)snprintf(path, sizeof(path), "sys/%s/config", f->path);
	move_bytes(&h->moves, &move);
}

static void add_resource(struct host *h, const struct function *f)
{
	static const char line[] = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";
	char text[13 * (sizeof(line) - 1) + 1] = "";

	for (size_t n = 0; n < 13; n++)
		memcpy(text + n * (sizeof(line) - 1), line, sizeof(line));
	shared(h, f, "resource", text);
}

static void add_sriov(struct host *h, const struct function *f)
{
	char text[16];

	shared_number(h, f, "sriov_totalvfs", f->keys.total_vfs);
	shared_number(h, f, "sriov_offset", f->keys.offset);
	shared_number(h, f, "sriov_stride", f->keys.stride);
	shared_number(h, f, "sriov_vf_total_msix", 0);
	/* The only id without 0x. */
	(void)snprintf(text, sizeof(text), "%x\n", (unsigned)f->keys.vf_id);
	shared(h, f, "sriov_vf_device", text);
	move_text(&h->moves, "0\n", "sys/%s/sriov_numvfs", f->path);
	move_text(&h->moves, f->autoprobe ? "1\n" : "0\n", "sys/%s/sriov_drivers_autoprobe",
		  f->path);
}

void attributes_add(struct host *h, const struct function *f)
{
	char text[MODALIAS_MAX + STEP_NAME_MAX], modalias[MODALIAS_MAX];

	add_ids(h, f);
	add_config(h, f);
	add_resource(h, f);
	(void)snprintf(text, sizeof(text), "%s\n", attributes_modalias(f, modalias));
	shared(h, f, "modalias", text);
	shared(h, f, "irq", "0\n");
	shared(h, f, "power_state", "D0\n");
	shared(h, f, "reset_method", "flr bus\n");
	shared_number(h, f, "numa_node", f->keys.numa_node);
	move_text(&h->moves, "0\n", "sys/%s/enable", f->path);
	(void)snprintf(text, sizeof(text), "%s\n", f->override[0] ? f->override : "(null)");
	move_text(&h->moves, text, "sys/%s/driver_override", f->path);
	if (f->kind == FUNCTION_PF)
		add_sriov(h, f);
}

void attributes_remove(struct host *h, const struct function *f)
{
	static const char *const names[] = {
		"uevent",	    "vendor",	 "device",   "subsystem_vendor",
		"subsystem_device", "class",	 "revision", "config",
		"resource",	    "modalias",	 "irq",	     "power_state",
		"reset_method",	    "numa_node", "enable",   "driver_override",
		"subsystem",	    "vpd",
	};
	static const char *const of_pf[] = {
		"sriov_totalvfs",      "sriov_offset",	  "sriov_stride",
		"sriov_numvfs",	       "sriov_vf_device", "sriov_drivers_autoprobe",
		"sriov_vf_total_msix",
	};

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		move_gone(&h->moves, "sys/%s/%s", f->path, names[n]);
	for (size_t n = 0; f->kind == FUNCTION_PF && n < sizeof(of_pf) / sizeof(of_pf[0]); n++)
		move_gone(&h->moves, "sys/%s/%s", f->path, of_pf[n]);
}
