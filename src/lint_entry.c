/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen in one entry alone. */
#include <string.h>
#include <strings.h>

#include "lint_internal.h"
#include "vfmon/conf_names.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/pytext.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define QUOTE_MAX 64

/* An entry that is looked at. */
struct look {
	const struct lint *lint;
	size_t index;
	struct spec_info info;
	struct finding_place place;
};

static const char *tag_of(const struct spec_info *info, const char *name)
{
	for (size_t i = 0; i < info->tag_count; i++)
		if (strcmp(info->tags[i].name, name) == 0)
			return info->tags[i].value;
	return NULL;
}

/* A port of Neutron asks for one of these two, as text. */
static bool suits_a_port(const char *text)
{
	return strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0;
}

static int check_width(const struct look *l)
{
	if (!l->info.matches_everything)
		return 0;
	return findings_add(l->lint->out,
			    &(const struct finding_kind){
				    FINDING_SUSPICIOUS, FINDING_MATCHES_EVERYTHING,
				    "add vendor_id, product_id or address, spelt exactly so" },
			    &l->place,
			    "the entry has no vendor_id, product_id, address or devname that "
			    "narrows it: it takes every function of the host that no entry before "
			    "it takes");
}

static int check_devname(const struct look *l)
{
	const bool reports = l->lint->policy->config->report_in_placement;
	char quote[QUOTE_MAX];

	if (!l->info.devname)
		return 0;
	pytext_print(pytext_of(l->info.devname), quote, sizeof(quote));
	if (reports)
		return findings_add(
			l->lint->out,
			&(const struct finding_kind){ FINDING_REFUSED, FINDING_DEVNAME_PITFALL,
						      "use address instead of devname" },
			&l->place,
			"devname '%s': with report_in_placement Nova does not start with "
			"an entry by devname (%s)",
			quote, NOVA_PLACEMENT_ERROR);
	return findings_add(
		l->lint->out,
		&(const struct finding_kind){ FINDING_SUSPICIOUS, FINDING_DEVNAME_PITFALL,
					      "use address instead of devname" },
		&l->place,
		"devname '%s': the entry takes its function only as long as an interface "
		"has this name; a VF on a VFIO driver has none",
		quote);
}

static int check_remote_managed_spelling(const struct look *l)
{
	char quote[QUOTE_MAX];
	const char *text = l->info.remote_managed_text;

	if (!text || strcmp(text, "null") == 0 ||
	    (l->info.remote_managed_is_text && suits_a_port(text)))
		return 0;
	return findings_add(
		l->lint->out,
		&(const struct finding_kind){
			FINDING_WRONG, FINDING_REMOTE_MANAGED_PITFALL,
			"write \"true\" or \"false\" in double quotes, or leave the key out" },
		&l->place,
		"remote_managed is %s%s%s: a port asks for the text \"true\" or "
		"\"false\", so that these functions suit no port",
		l->info.remote_managed_is_text ? "\"" : "",
		pytext_print(pytext_of(text), quote, sizeof(quote)),
		l->info.remote_managed_is_text ? "\"" : "");
}

static int check_remote_managed(const struct look *l)
{
	const char *nova_class = NULL, *reason = NULL;
	int r = check_remote_managed_spelling(l);

	/* Before the first scan nothing of the host is known. */
	if (l->lint->is_complete)
		reason = device_specs_refused(l->lint->specs, l->index, &l->lint->host,
					      &nova_class);
	if (r < 0 || !reason)
		return r;
	return findings_add(
		l->lint->out,
		&(const struct finding_kind){
			FINDING_REFUSED, FINDING_REMOTE_MANAGED_PITFALL,
			"name the VFs: by ids alone, by an address with a *, or by a VF's own "
			"address" },
		&l->place, "%s%s%s%s", reason, nova_class ? " (" : "", nova_class ? nova_class : "",
		nova_class ? ")" : "");
}

static int check_network(const struct look *l)
{
	int r;

	if (!l->info.physical_network || !l->info.physical_network[0] || !l->info.managed_is_set ||
	    l->info.managed)
		return 0;
	r = findings_add(
		l->lint->out,
		&(const struct finding_kind){
			FINDING_WRONG, FINDING_MANAGED_IGNORED_FOR_NETWORK,
			"use a driver that bears managed=yes for functions of a physical_network" },
		&l->place,
		"managed is false, but for a port of a physical_network Nova always writes "
		"managed=\"yes\" into the guest");
	return r == 0 ? lint_concern_decided(l->lint, l->index) : r;
}

/* The tag alone makes Nova ask, whatever its value. */
static int check_live_migratable(const struct look *l)
{
	const struct policy *policy = l->lint->policy;
	const char *value = tag_of(&l->info, SPEC_LIVE_MIGRATABLE);
	const bool old_libvirt = policy->libvirt && policy->libvirt < LIBVIRT_LIVE_MIGRATES;
	const bool old_qemu = policy->qemu && policy->qemu < QEMU_LIVE_MIGRATES;
	char has[VERSION_TEXT_MAX], needs[VERSION_TEXT_MAX];

	if (!value || strcmp(value, "null") == 0 || policy->nova < NOVA_HAS_MANAGED ||
	    (!old_libvirt && !old_qemu))
		return 0;
	return findings_add(
		l->lint->out,
		&(const struct finding_kind){
			FINDING_REFUSED, FINDING_LIVE_MIGRATABLE_NEEDS,
			"remove live_migratable from the entry (leaving it out means no), or update libvirt "
			"and QEMU" },
		&l->place,
		"the entry has live_migratable, even if it says no: Nova then needs %s %s or newer, "
		"here is %s",
		old_libvirt ? "libvirt" : "QEMU",
		version_format(old_libvirt ? LIBVIRT_LIVE_MIGRATES : QEMU_LIVE_MIGRATES, needs),
		version_format(old_libvirt ? policy->libvirt : policy->qemu, has));
}

static int check_structured(const struct look *l)
{
	if (!l->info.has_structured_tag)
		return 0;
	return findings_add(
		l->lint->out,
		&(const struct finding_kind){ FINDING_WRONG, FINDING_VALUE_ERROR,
					      "write the value as a text" },
		&l->place,
		"a key of the entry has a list or an object as its value: Nova starts, and "
		"can then not store what it has, nor report any resource of this host");
}

static int check_trusted(const struct look *l)
{
	const char *value = tag_of(&l->info, SPEC_TRUSTED);
	char quote[QUOTE_MAX];

	if (!value || suits_a_port(value) || strcmp(value, "null") == 0)
		return 0;
	return findings_add(
		l->lint->out,
		&(const struct finding_kind){
			FINDING_WRONG, FINDING_VALUE_ERROR,
			"write \"true\" or \"false\" in double quotes, or leave the key out" },
		&l->place,
		"trusted is '%s': a port asks for the text \"true\" or \"false\", so that "
		"these functions suit no port",
		pytext_print(pytext_of(value), quote, sizeof(quote)));
}

static int look_at(const struct lint *lint, size_t index)
{
	static int (*const checks[])(const struct look *) = {
		check_width,	       check_devname,	 check_remote_managed, check_network,
		check_live_migratable, check_structured, check_trusted,
	};
	struct look l = { .lint = lint, .index = index };
	int r;

	device_specs_get(lint->specs, index, &l.info);
	l.place = lint_place(&l.info, index);
	r = lint_keys(lint, &l.info, &l.place);
	if (r == 0)
		r = lint_names(lint, &l.info, &l.place);
	for (size_t i = 0; i < COUNT(checks) && r == 0; i++)
		r = checks[i](&l);
	return r;
}

int lint_entries(const struct lint *lint)
{
	int r = 0;

	for (size_t i = 0; i < device_specs_count(lint->specs) && r == 0; i++)
		r = look_at(lint, i);
	return r;
}
