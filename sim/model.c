/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *model_state(const struct function *f)
{
	static const char *const of_vfio[] = {
		[VFIO_NONE] = "host",
		[VFIO_GENERIC] = "vfio_generic",
		[VFIO_VARIANT] = "vfio_variant",
		[VFIO_VENDOR] = "vfio_vendor",
	};

	switch (f->binding) {
	case BINDING_UNBOUND:
		return "unbound";
	case BINDING_PROBING:
		return "probing";
	case BINDING_UNBINDING:
		return "stuck";
	case BINDING_BOUND:
		return of_vfio[f->vfio < 0 ? VFIO_NONE : f->driver->keys.vfio];
	}
	return "unknown";
}

/* A member whose value is a string, or null. */
static void put_string(FILE *file, const char *key, const char *value)
{
	if (!value) {
		(void)fprintf(file, ", \"%s\": null", key);
		return;
	}
	(void)fprintf(file, ", \"%s\": \"", key);
	for (const char *p = value; *p; p++) {
		if (*p == '"' || *p == '\\' || (unsigned char)*p < 0x20)
			(void)fprintf(file, "\\u%04x", (unsigned char)*p);
		else
			(void)fputc(*p, file);
	}
	(void)fputc('"', file);
}

static void put_hex(FILE *file, const char *key, unsigned value, int digits)
{
	(void)fprintf(file, ", \"%s\": \"%0*x\"", key, digits, value);
}

/* A number, or null if it is below 0. */
static void put_number(FILE *file, const char *key, int64_t value)
{
	if (value < 0)
		(void)fprintf(file, ", \"%s\": null", key);
	else
		(void)fprintf(file, ", \"%s\": %lld", key, (long long)value);
}

static void put_bool(FILE *file, const char *key, bool value)
{
	(void)fprintf(file, ", \"%s\": %s", key, value ? "true" : "false");
}

static void put_sriov(const struct function *f, FILE *file)
{
	bool pf = f->kind == FUNCTION_PF;

	put_string(file, "physical_function", f->pf ? f->pf->name : NULL);
	put_number(file, "vf_index", f->pf ? (int64_t)f->index : -1);
	put_number(file, "total_vfs", pf ? f->keys.total_vfs : -1);
	put_number(file, "num_vfs", pf ? (int64_t)f->num_vfs : -1);
	if (pf)
		put_bool(file, "drivers_autoprobe", f->autoprobe);
	else
		(void)fputs(", \"drivers_autoprobe\": null", file);
}

static void put_binding(const struct host *h, const struct function *f, FILE *file)
{
	char vfio[16];

	put_string(file, "state", model_state(f));
	put_string(file, "driver", f->driver ? f->driver->name : NULL);
	put_string(file, "module", f->driver ? f->driver->keys.module : NULL);
	put_string(file, "driver_override", f->override[0] ? f->override : NULL);
	(void)snprintf(vfio, sizeof(vfio), "vfio%d", f->vfio);
	put_string(file, "vfio_device", f->vfio < 0 ? NULL : vfio);
	(void)fputs(", \"vfio_nodes\": [", file);
	if (f->group >= 0 && h->groups[f->group].users > 0)
		(void)fprintf(file, "\"/dev/vfio/%d\"%s", f->group,
			      f->vfio >= 0 && h->cdev ? ", " : "");
	if (f->vfio >= 0 && h->cdev)
		(void)fprintf(file, "\"/dev/vfio/devices/vfio%d\"", f->vfio);
	(void)fputc(']', file);
	if (f->vfio >= 0)
		put_bool(file, "in_use", f->held);
	else
		(void)fputs(", \"in_use\": null", file);
}

static void put_function(const struct host *h, const struct function *f, FILE *file)
{
	static const char *const kinds[] = {
		[FUNCTION_PF] = "pf", [FUNCTION_VF] = "vf", [FUNCTION_PLAIN] = "pci"
	};
	char interface[16];

	(void)fprintf(file, "{\"address\": \"%s\"", f->name);
	put_string(file, "kind", kinds[f->kind]);
	put_hex(file, "vendor_id", f->keys.id.vendor, 4);
	put_hex(file, "product_id", f->keys.id.product, 4);
	put_hex(file, "subsystem_vendor_id", f->keys.subsystem.vendor, 4);
	put_hex(file, "subsystem_product_id", f->keys.subsystem.product, 4);
	put_hex(file, "class", f->keys.class, 6);
	put_sriov(f, file);
	put_number(file, "numa_node", f->keys.numa_node);
	put_number(file, "iommu_group", f->group);
	put_binding(h, f, file);
	(void)snprintf(interface, sizeof(interface), "eth%d", f->netdev);
	put_string(file, "interface", f->netdev < 0 ? NULL : interface);
}

int model_write(const struct host *h, FILE *file, model_inode_fn inode, void *arg)
{
	const struct function *f;

	(void)fputs("{\"devices\": [", file);
	for (size_t n = 0; n < h->functions.count; n++) {
		f = h->functions.items[n];
		(void)fputs(n > 0 ? ",\n" : "\n", file);
		put_function(h, f, file);
		put_number(file, "generation", inode ? (int64_t)inode(f->path, arg) : -1);
		(void)fputc('}', file);
	}
	(void)fputs("\n]}\n", file);
	return fflush(file) != 0 || ferror(file) ? -EIO : 0;
}
