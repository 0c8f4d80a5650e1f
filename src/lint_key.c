/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of an entry that Nova does not know, and what was meant by them. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lint_internal.h"
#include "vfmon/conf_names.h"
#include "vfmon/policy.h"
#include "vfmon/pytext.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A key that is longer is like none of them. */
#define KEY_MAX 32

/* How many letters may be wrong. */
#define LIKE_MAX 2

#define QUOTE_MAX 64

/* Those that are no tag can be meant, too. */
static const struct key {
	const char *name;
	version_t since;
} keys[] = {
	{ SPEC_VENDOR_ID, 0 },
	{ SPEC_PRODUCT_ID, 0 },
	{ SPEC_ADDRESS, 0 },
	{ SPEC_DEVNAME, 0 },
	{ SPEC_MANAGED, NOVA_HAS_MANAGED },
	{ SPEC_LIVE_MIGRATABLE, NOVA_HAS_MANAGED },
	{ SPEC_REMOTE_MANAGED, 0 },
	{ SPEC_PHYSICAL_NETWORK, 0 },
	{ SPEC_TRUSTED, 0 },
	{ SPEC_RESOURCE_CLASS, 0 },
	{ SPEC_TRAITS, 0 },
	{ SPEC_ONE_TIME_USE, NOVA_HAS_ONE_TIME_USE },
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcmp(name, keys[i].name) == 0)
			return &keys[i];
	return NULL;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static char folded(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* How many letters have to be added, removed or replaced to make b of a, case aside. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[KEY_MAX + 1], before, kept;
	size_t len = strlen(b);

	for (size_t k = 0; k <= len; k++)
		row[k] = (unsigned int)k;
	for (size_t i = 0; a[i]; i++) {
		before = row[0];
		row[0] = (unsigned int)i + 1;
		for (size_t k = 0; k < len; k++) {
			kept = row[k + 1];
			row[k + 1] = least(least(kept, row[k]) + 1,
					   before + (folded(a[i]) != folded(b[k])));
			before = kept;
		}
	}
	return row[len];
}

/* The key that a name is most like; NULL: it is like none. */
static const char *find_like(const char *name)
{
	const char *like = NULL;
	unsigned int best = LIKE_MAX + 1, d;

	if (strlen(name) > KEY_MAX)
		return NULL;
	for (size_t i = 0; i < COUNT(keys); i++) {
		d = distance(name, keys[i].name);
		if (d < best) {
			best = d;
			like = keys[i].name;
		}
	}
	return like;
}

static int add_unknown(const struct lint *lint, const struct finding_place *place, const char *name)
{
	const char *like = find_like(name);
	char quote[QUOTE_MAX], remedy[2 * QUOTE_MAX];

	pytext_print(pytext_of(name), quote, sizeof(quote));
	(void)snprintf(remedy, sizeof(remedy), "did you mean %s?", like ? like : "");
	return findings_add(
		lint->out,
		&(const struct finding_kind){ FINDING_SUSPICIOUS, FINDING_UNKNOWN_KEY,
					      like ? remedy
						   : "remove the key, if nothing else reads it" },
		place, "'%s' is no key that Nova knows: it only tells pools of functions apart",
		quote);
}

static int check_key(const struct lint *lint, const struct finding_place *place, const char *name)
{
	const struct key *key = find_key(name);
	char since[VERSION_TEXT_MAX], followed[VERSION_TEXT_MAX];

	if (!key)
		return add_unknown(lint, place, name);
	if (lint->policy->nova >= key->since)
		return 0;
	return findings_add(
		lint->out,
		&(const struct finding_kind){
			FINDING_SUSPICIOUS, FINDING_UNKNOWN_KEY,
			"remove the key, or follow a newer Nova (nova_version in vfmond.conf)" },
		place, "'%s' is a key from Nova %s on, and has no effect in %s", name,
		version_format(key->since, since), version_format(lint->policy->nova, followed));
}

int lint_keys(const struct lint *lint, const struct spec_info *info,
	      const struct finding_place *place)
{
	int r = 0;

	for (size_t i = 0; i < info->tag_count && r == 0; i++)
		r = check_key(lint, place, info->tags[i].name);
	return r;
}
