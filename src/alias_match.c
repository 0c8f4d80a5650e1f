/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alias_value.h"
#include "vfmon/alias.h"
#include "vfmon/conf_names.h"
#include "vfmon/vf.h"

#define ID_TEXT_MAX 5

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *tag_of(const struct spec_match *match, const char *name)
{
	for (size_t i = 0; i < match->tag_count; i++)
		if (strcmp(match->tags[i].name, name) == 0)
			return match->tags[i].value;
	return NULL;
}

/* What is not asked for does not matter. */
static bool agrees(const char *wanted, const char *has)
{
	return !wanted || (has && strcasecmp(wanted, has) == 0);
}

static bool ids_agree(const struct alias_value *value, const struct vf *vf)
{
	char vendor[ID_TEXT_MAX], product[ID_TEXT_MAX];

	if (!vf->has_ids)
		return !value->vendor_id && !value->product_id;
	(void)snprintf(vendor, sizeof(vendor), "%04x", vf->vendor_id);
	(void)snprintf(product, sizeof(product), "%04x", vf->product_id);
	return agrees(value->vendor_id, vendor) && agrees(value->product_id, product);
}

/* A pool is what the function is, and over it the tags of its entry. */
bool alias_value_takes(const struct alias_value *value, const struct vf *vf)
{
	const struct spec_match *match = vf->spec;
	const char *type;

	if (!match || match->remote_managed)
		return false;
	type = tag_of(match, POOL_DEVICE_TYPE);
	if (!type)
		type = vf_nova_device_type(vf);
	if (strcmp(type, "vdpa") == 0)
		return false;
	/* Without a device_type an alias must not get a PF that has the same ids as its VFs. */
	if (strcmp(type, "type-PF") == 0 && !value->device_type)
		return false;
	return agrees(value->device_type, type) && ids_agree(value, vf) &&
	       agrees(value->live_migratable, tag_of(match, SPEC_LIVE_MIGRATABLE)) &&
	       agrees(value->capability_type, tag_of(match, ALIAS_CAPABILITY_TYPE));
}

static bool has_trait(const struct spec_match *match, const char *trait)
{
	for (size_t i = 0; i < match->trait_count; i++)
		if (strcmp(match->traits[i], trait) == 0)
			return true;
	return false;
}

static bool has_added_trait(const struct spec_match *match, version_t nova, const char *trait)
{
	const struct {
		const char *trait;
		version_t since;
		const char *tag; /* only where this one is true */
	} added[] = {
		{ TRAIT_MANAGED_DEVICE, 0, NULL },
		{ TRAIT_OWNER_NOVA, NOVA_OWNS_PROVIDERS, NULL },
		{ TRAIT_LIVE_MIGRATABLE, NOVA_OWNS_PROVIDERS, SPEC_LIVE_MIGRATABLE },
		{ TRAIT_ONE_TIME_USE, NOVA_HAS_ONE_TIME_USE, SPEC_ONE_TIME_USE },
	};

	for (size_t i = 0; i < COUNT(added); i++)
		if (strcmp(added[i].trait, trait) == 0)
			return nova >= added[i].since &&
			       (!added[i].tag || agrees("true", tag_of(match, added[i].tag)));
	return false;
}

/* The class that is asked for: of the ids, where none is given. */
static bool class_agrees(const struct alias_value *value, const struct spec_match *match)
{
	static const char start[] = "CUSTOM_PCI_";
	const char *ids = match->resource_class + sizeof(start) - 1;

	if (value->resource_class)
		return strcmp(value->resource_class, match->resource_class) == 0;
	if (!value->vendor_id || !value->product_id || strlen(value->vendor_id) != 4 ||
	    strlen(value->product_id) != 4)
		return false;
	return strncmp(match->resource_class, start, sizeof(start) - 1) == 0 && strlen(ids) == 9 &&
	       ids[4] == '_' && strncasecmp(ids, value->vendor_id, 4) == 0 &&
	       strcasecmp(ids + 5, value->product_id) == 0;
}

bool alias_value_fits_provider(const struct alias_value *value, const struct alias_rules *rules,
			       const struct vf *vf)
{
	const struct spec_match *match = vf->spec;

	if (match->has_physical_network || !class_agrees(value, match))
		return false;
	for (size_t i = 0; i < value->trait_count; i++)
		if (!has_trait(match, value->traits[i]) &&
		    !has_added_trait(match, rules->nova, value->traits[i]))
			return false;
	return true;
}
